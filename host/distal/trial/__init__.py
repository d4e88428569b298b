"""A trial with one person: loaded and unloaded blocks in drawn order, one outcome fixed beforehand. Pure."""
