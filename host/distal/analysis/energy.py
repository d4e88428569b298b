"""What walking with a worn mass costs: a range from the literature, never a measurement.

No general equation of walking holds for a mass at the ankle (Schertzer & Riemer 2014, Appl Ergon 45:1422).
Per kilogram, at 1.25 m/s: 1 to 2 % at the waist, 7.5 to 8.5 % on the feet (Browning 2007, doi
10.1249/mss.0b013e31802b3562; per kilogram as cited in PMC8299804). The ankle lies between.
"""

LEAST_PCT_PER_KG, MOST_PCT_PER_KG = 1.0, 8.5


def walking_cost_pct(mass_left_kg: float | None, mass_right_kg: float | None) -> tuple[float, float] | None:
    """Ends of the range of the rise of the metabolic rate, percent; None when neither mass is known."""
    worn_kg = (mass_left_kg or 0.0) + (mass_right_kg or 0.0)
    return (LEAST_PCT_PER_KG * worn_kg, MOST_PCT_PER_KG * worn_kg) if worn_kg > 0.0 else None
