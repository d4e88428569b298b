"""SessionReport -> one HTML file with everything in it. Pure; charts are functions from numbers to SVG."""
