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
    "flies",
    "long_rest",
    "front_rest",
    "out_rest",
    "long_top",
    "front_top",
    "out_top",
    "twist",
    "spread",
    "bend",
    "other",
    "other_steps",
    "other_leans",
)
TABLE = """\
calf_raise
30 38 9 0 0 0 1 0 0 0 -100 -1 1 -99 -9 2 0 0 -9 88 0 0
34 39 2 50 0 0 1 74 0 0 1 6 8 1 8 8 1 1 2 70 0 1
clamshell
0 -53 61 36 -18 0 0 100 0 0 -1 -1 99 -55 0 84 2 59 1 0 0 0
1 10 8 6 5 0 0 0 0 0 13 7 1 15 7 9 5 11 4 0 0 0
deadlift
-100 -97 22 9 0 0 0 100 100 0 -100 -1 -2 -97 -24 -2 0 0 -22 97 0 0
0 1 3 2 0 0 0 0 0 0 1 6 5 2 6 5 1 2 3 3 0 0
donkey_kick
-78 31 119 55 59 0 0 100 0 0 -2 -100 -4 90 -38 -3 -2 4 -117 0 0 0
2 19 18 3 12 0 0 0 0 0 7 1 9 9 18 7 9 10 17 5 0 0
fire_hydrant
-80 -67 60 50 7 0 0 100 0 0 -2 -99 2 0 -82 56 59 -2 -1 0 0 0
11 10 8 7 2 0 0 0 0 0 8 1 8 9 8 12 9 5 3 0 0 0
hop
-4 3 8 0 -3 0 8 0 0 0 -98 -9 1 -98 -19 0 0 0 -8 0 0 0
6 5 6 0 12 0 3 0 0 74 1 10 12 2 9 11 1 0 6 0 0 0
jump
-18 1 18 0 35 0 1 0 0 200 -100 0 1 -98 -20 2 0 0 -18 99 0 1
21 22 1 0 9 0 0 0 0 0 1 6 10 1 6 9 2 1 1 2 0 0
lunge
-9 -16 23 0 0 70 0 0 0 0 -99 2 1 -97 -22 3 0 0 -23 91 0 0
40 31 3 0 0 9 0 0 0 0 1 8 9 2 9 9 2 2 3 74 0 0
prone_hip_extension
-1 27 29 69 17 0 0 100 0 0 2 -100 -1 31 -95 0 0 0 -29 0 0 0
1 5 5 7 3 0 0 0 0 0 5 1 6 6 2 7 2 2 4 0 0 0
seated_leg_raise
-100 -28 125 34 23 0 0 100 0 0 -99 -2 0 -29 93 0 0 -1 124 0 0 0
0 18 19 4 7 0 0 0 0 0 1 9 9 15 5 6 10 10 20 8 0 0
sidelying_hip_abduction
1 45 46 74 31 0 0 100 0 0 0 2 100 43 0 89 0 -45 1 0 0 0
1 6 6 5 5 0 0 0 0 0 8 8 1 8 6 4 4 6 4 0 0 0
split_squat
-99 -94 33 9 0 0 0 100 100 0 -99 -3 4 -94 -33 3 -1 1 -33 100 0 61
1 4 5 2 0 0 1 0 0 0 1 12 7 5 13 5 2 2 5 0 0 1
squat
-99 -89 48 9 -1 0 1 100 100 0 -99 2 2 -88 -45 8 -3 -6 -47 99 0 1
1 4 8 2 1 0 0 0 0 0 0 7 9 5 9 9 4 4 7 2 0 0
standing_hip_abduction
-100 -88 49 77 8 0 0 100 0 0 -100 0 -1 -88 -1 46 0 -48 0 0 0 0
1 4 6 4 2 0 0 0 0 0 1 8 9 5 7 8 3 6 5 0 0 0
standing_hip_extension
-100 -94 33 77 3 0 0 100 0 0 -100 1 -2 -94 -34 -4 0 1 -33 0 0 0
0 2 5 8 2 0 0 0 0 0 1 6 7 2 6 8 3 3 6 0 0 0
standing_hip_flexion
-50 -61 26 0 31 0 1 0 100 0 -99 1 0 -97 -25 0 0 0 -26 0 0 0
56 69 4 0 7 28 0 0 74 0 1 9 9 2 11 8 2 1 4 0 0 0
standing_knee_flexion
-100 -18 134 33 25 0 0 100 0 0 -100 1 2 -16 -96 1 -3 -2 -133 0 0 0
0 25 25 3 8 0 0 0 0 0 1 8 7 29 5 7 11 11 24 8 0 0
step_down
-100 -88 52 10 0 0 1 100 100 0 -100 1 -3 -87 -47 2 1 -2 -50 100 0 1
1 7 8 3 1 0 1 0 0 0 1 11 7 5 9 9 3 3 8 74 74 20
step_up
0 0 1 26 20 39 1 100 0 0 -99 -1 0 -99 -2 0 0 0 0 72 100 0
6 6 1 2 1 1 1 0 0 0 1 10 6 1 9 6 0 0 0 31 0 0
supine_straight_leg_raise
0 66 70 77 49 0 0 100 0 0 2 99 -1 64 76 1 0 0 70 0 0 0
1 8 10 5 5 0 0 0 0 0 13 1 10 10 9 7 7 8 10 10 0 0
"""
_LINES = TABLE.splitlines()
_NUMBERS = [[int(word) / 100 for word in line.split()] for k, line in enumerate(_LINES) if k % 3]
CLOUDS = {
    code: dict(zip(FEATURES, zip(means, spreads, strict=True), strict=True))
    for code, means, spreads in zip(_LINES[::3], _NUMBERS[::2], _NUMBERS[1::2], strict=True)
}
