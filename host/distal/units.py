"""Every conversion constant, once. SI inside; other units only where people read."""

import math

G = 9.80665  # m/s2, standard gravity (CGPM 1901)
RAD_PER_DEG = math.pi / 180.0
DEG_PER_RAD = 180.0 / math.pi
KG_PER_LB = 0.45359237  # international avoirdupois pound
N_PER_LBF = KG_PER_LB * G
M_PER_INCH = 0.0254
