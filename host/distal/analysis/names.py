"""How sets of virtual people look; units: recognise.py. Made by `distal.validate.learn_names`.

From 30 people an exercise, seed 7000: under each exercise the means, then the standard deviations of
FEATURES, in hundredths.
"""

FEATURES = (
    "rest",
    "top",
    "turn",
    "lever",
    "rise",
    "away",
    "lean",
    "hinged",
    "stands",
    "long_rest",
    "front_rest",
    "out_rest",
    "twist",
    "spread",
    "bend",
    "other",
    "other_steps",
    "other_leans",
)
TABLE = """\
calf_raise
30 38 9 0 0 0 1 0 0 -100 -1 1 -2 -1 -99 88 0 0
34 39 2 50 0 0 1 74 0 1 6 8 7 8 1 70 0 1
clamshell
0 -53 61 36 -18 0 0 100 0 -1 -1 99 4 99 1 0 0 0
1 10 8 6 5 0 0 0 0 13 7 1 9 1 7 0 0 0
deadlift
-100 -97 22 9 0 0 0 100 100 -100 -1 -2 2 2 -100 97 0 0
0 1 3 2 0 0 0 0 0 1 6 5 6 7 1 3 0 0
donkey_kick
-78 31 119 55 25 0 0 100 0 -2 -100 -4 -1 4 -100 0 0 0
2 19 18 3 0 0 0 0 0 7 1 9 7 10 1 5 0 0
fire_hydrant
-80 -67 60 50 7 0 0 100 0 -2 -99 2 99 -3 -3 0 0 0
11 10 8 7 2 0 0 0 0 8 1 8 1 9 5 0 0 0
lunge
-9 -16 23 0 0 70 0 0 0 -99 2 1 -1 -2 -100 91 0 0
40 31 3 0 0 9 0 0 0 1 8 9 9 7 1 74 0 0
prone_hip_extension
-1 27 29 69 17 0 0 100 0 2 -91 42 0 -41 -90 0 0 0
1 5 5 7 3 0 0 0 0 6 19 35 7 35 20 0 0 0
seated_leg_raise
-100 -28 125 34 23 0 0 100 0 -99 -2 0 0 -1 99 0 0 0
0 18 19 4 4 0 0 0 0 1 9 9 9 8 1 8 0 0
sidelying_hip_abduction
1 45 46 74 25 0 0 100 0 0 2 100 -1 -99 1 0 0 0
1 6 6 5 0 0 0 0 0 8 8 1 9 1 8 0 0 0
split_squat
-99 -94 33 9 0 0 0 100 100 -99 -3 4 -4 3 -99 100 0 61
1 4 5 2 0 0 1 0 0 1 12 7 6 7 0 0 0 1
squat
-99 -89 48 9 -1 0 1 100 100 -99 2 2 -7 -12 -99 99 0 1
1 4 8 2 1 0 0 0 0 0 7 9 8 7 1 2 0 0
standing_hip_abduction
-100 -88 49 77 8 0 0 100 0 -100 0 -1 0 -100 -1 0 0 0
1 4 6 4 2 0 0 0 0 1 8 9 7 1 9 0 0 0
standing_hip_extension
-100 -94 33 77 3 0 0 100 0 -100 1 -2 1 5 -99 0 0 0
0 2 5 8 2 0 0 0 0 1 6 7 8 7 1 0 0 0
standing_hip_flexion
-50 -61 26 0 25 0 1 0 100 -99 1 0 -1 -1 -100 0 0 0
56 69 4 0 0 28 0 0 74 1 9 9 9 5 0 0 0 0
standing_knee_flexion
-100 -18 134 33 25 0 0 100 0 -100 1 2 -2 -1 -100 0 0 0
0 25 25 3 3 0 0 0 0 1 8 7 8 8 0 8 0 0
step_down
-100 -88 52 10 0 0 1 100 100 -100 1 -3 2 -4 -99 100 0 1
1 7 8 3 1 0 1 0 0 1 11 7 6 6 1 74 74 20
step_up
0 0 1 26 20 39 1 100 0 -99 -1 0 -6 -11 81 72 100 0
6 6 1 2 1 1 1 0 0 1 10 6 12 42 124 31 0 0
supine_straight_leg_raise
0 66 70 77 25 0 0 100 0 2 96 -24 0 24 96 0 0 0
1 8 10 5 0 0 0 0 0 13 9 38 11 38 8 12 0 0
"""
_LINES = TABLE.splitlines()
_NUMBERS = [[int(word) / 100 for word in line.split()] for k, line in enumerate(_LINES) if k % 3]
CLOUDS = {
    code: dict(zip(FEATURES, zip(means, spreads, strict=True), strict=True))
    for code, means, spreads in zip(_LINES[::3], _NUMBERS[::2], _NUMBERS[1::2], strict=True)
}
