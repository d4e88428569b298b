"""Each claim that is made for ankle weights, beside the physics and the evidence."""
