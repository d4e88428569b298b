"""SessionReport -> text and JSON. Pure."""
