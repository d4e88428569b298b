"""The cuff's firmware. Imports the wire format and nothing else of the project."""
