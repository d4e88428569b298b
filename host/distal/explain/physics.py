"""The numbers behind a topic, for the wearer's own mass and height. Each line says what it rests on."""

import math
from collections.abc import Callable

from distal.model import Facts
from distal.units import DEG_PER_RAD, KG_PER_LB, N_PER_LBF, G

SHANK, THIGH = 0.246, 0.245  # of body height: Winter 2009, table 4.1, as the analysis uses
CLAIMED_LB, CLAIMED_LBF = 4.0, 2.1  # of the claim under examination
SWING_S = 0.4  # one swing of a leg in walking, about
BARBELL_KG = 60.0  # an example, no recommendation
DEFAULT_KG, DEFAULT_M = 1.0, 1.75
Lines = list[str]


def _mass(facts: Facts) -> float:
    return facts.mass_left_kg or facts.mass_right_kg or DEFAULT_KG


def _height(facts: Facts) -> float:
    return facts.height_m or DEFAULT_M


def knee_arm_m(facts: Facts) -> float:
    """Knee to the centre of the worn mass."""
    return SHANK * _height(facts) - facts.cuff_height_m


def hip_arm_m(facts: Facts) -> float:
    """Hip to the centre of the worn mass, leg straight."""
    return knee_arm_m(facts) + THIGH * _height(facts)


def lateral_force(facts: Facts) -> Lines:
    """What would have to be true for the claimed figure."""
    share = CLAIMED_LBF / CLAIMED_LB
    acc = share * G
    lean = math.asin(share) * DEG_PER_RAD
    sweep_cm = 100 * acc / (math.pi / SWING_S) ** 2
    mine = _mass(facts)
    return [
        "Lateral force F = m a: m the worn mass, a its sideways specific force. The stride's length is"
        " not in it.",
        f"2.1 lbf on 4.0 lb is {CLAIMED_LBF * N_PER_LBF:.1f} N on {CLAIMED_LB * KG_PER_LB:.2f} kg: it needs"
        f" a = {acc:.1f} m/s², {share:.2f} of gravity, sideways.",
        f"Held still, that is a leg leaned out by {lean:.0f}° (g sin φ). In a swing of {SWING_S:g} s it"
        " is a path"
        f" that bows sideways by {sweep_cm:.0f} cm (half a sine).",
        f"For {mine:g} kg the same would be {mine * acc:.1f} N; a leg that leans out by 5° makes"
        f" {mine * G * math.sin(math.radians(5)):.1f} N.",
    ]


def activation(facts: Facts) -> Lines:
    """Size of the moments, cuff against barbell."""
    mine, arm = _mass(facts), hip_arm_m(facts)
    thigh = THIGH * _height(facts)
    return [
        f"{mine:g} kg at the ankle of a straight, level leg: {mine * G * arm:.1f} N·m about that hip"
        f" (arm {arm:.2f} m).",
        f"A {BARBELL_KG:g} kg barbell in a squat with level thighs: up to"
        f" {BARBELL_KG * G * thigh / 2:.0f} N·m about"
        f" each hip (arm {thigh:.2f} m at most, two legs). They load different movements.",
    ]


def contact(_facts: Facts) -> Lines:
    """What is defined."""
    return [
        "Duty factor = contact time / stride time. Reactive strength index = jump height / contact time.",
        "Jump height from flight time t: g t² / 8; 5 ms more at 0.5 s are 6 mm more.",
    ]


def lever(facts: Facts) -> Lines:
    """Moments of the worn mass about knee and hip, leg level and still."""
    mine, knee, hip = _mass(facts), knee_arm_m(facts), hip_arm_m(facts)
    return [
        "Moment M = r F; held level and still, M = m g r.",
        f"{mine:g} kg, {_height(facts):g} m tall: arm to the knee {knee:.2f} m, to the hip {hip:.2f} m.",
        f"Shank level, about the knee: {mine * G * knee:.1f} N·m. Straight leg level, about the hip:"
        f" {mine * G * hip:.1f} N·m.",
        "The same mass at the waist: no moment about the hip of the lifted leg; the standing leg carries it"
        f" either way ({mine * G:.1f} N).",
        f"In motion the inertia adds m r dω/dt: at 10 rad/s², {mine * hip**2 * 10:.1f} N·m about the hip.",
    ]


def phases(facts: Facts) -> Lines:
    """The same rep, lowered slowly and quickly."""
    mean = _mass(facts) * G * knee_arm_m(facts) * 2 / math.pi
    return [
        "From rest to rest without touching anything: work up + work down = 0, for any mass and any tempo.",
        f"Knee extension from hanging to level with {_mass(facts):g} kg: mean moment {mean:.1f} N·m at"
        " an even pace.",
        f"Lowered in 1 s: {mean:.1f} N·m·s. In 3 s: {3 * mean:.1f} N·m·s. Time does what 3 times the"
        " mass would.",
    ]


def weights(facts: Facts) -> Lines:
    """The usual range as moments."""
    rows = []
    for pounds in (1.0, 2.5, 4.5, 10.0):
        kg = pounds * KG_PER_LB
        rows.append(
            f"{pounds:g} lb ({kg:.2f} kg): {kg * G * knee_arm_m(facts):.1f} N·m about the knee, shank level;"
            f" {kg * G * hip_arm_m(facts):.1f} N·m about the hip, straight leg level."
        )
    return rows


def energy(facts: Facts) -> Lines:
    """The cited range for the worn mass on both legs."""
    both = (facts.mass_left_kg or 0.0) + (facts.mass_right_kg or 0.0) or 2 * DEFAULT_KG
    return [
        f"{both:g} kg on the two legs: at most about {8.5 * both:.0f} % more at 1.25 m/s if it sat on"
        " the feet, at"
        f" least about {1 * both:.0f} % as if at the waist. The ankle lies between, nearer to the foot.",
    ]


def walking(facts: Facts) -> Lines:
    """How much slower the shank's pendulum gets; the limb as a rod is stated."""
    arm = knee_arm_m(facts)
    body = facts.body_mass_kg or 70.0
    limb = 0.061 * body * (0.735 * SHANK * _height(facts)) ** 2
    added = _mass(facts) * arm**2
    return [
        f"Shank and foot of a {body:g} kg person: about {limb:.2f} kg·m² about the knee (Winter: 6.1 %"
        " of body mass,"
        " radius of gyration 0.735 of the shank).",
        f"{_mass(facts):g} kg at the ankle adds {added:.2f} kg·m²: {100 * added / limb:.0f} % more to swing.",
    ]


def impact(facts: Facts) -> Lines:
    """How inertia grows."""
    arm = knee_arm_m(facts)
    return [
        f"Pull along the shank at 5 rad/s: m ω² r = {_mass(facts) * 25 * arm:.1f} N; at 10 rad/s:"
        f" {_mass(facts) * 100 * arm:.1f} N. Twice as fast, four times as much.",
        "At 208 samples a second the sharpest peaks are under-read; the report says by how much.",
    ]


def balance(_facts: Facts) -> Lines:
    """What a tilt is to the sensor."""
    return [
        f"0.5° of tilt is {1000 * math.sin(math.radians(0.5)):.1f} mg to the sensor, at any height on"
        " the leg:"
        " the angle is seen well.",
        "A path in millimetres would need the height of the body's centre and a body stiff as a rod:"
        " not given.",
    ]


PHYSICS: dict[str, Callable[[Facts], Lines]] = {
    "none": lambda _facts: [],
    **{one.__name__: one for one in (lateral_force, activation, contact, lever, phases, weights)},
    **{one.__name__: one for one in (energy, walking, impact, balance)},
}
