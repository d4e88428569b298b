"""How far contacts found at a leg are off in all strides alike: what more strides do not make smaller.

Two causes. People differ in how the shank turns while the foot meets the floor and leaves it, and the legs
of one person do so alike. And skin and muscle give under a strap, which shifts the contacts of each leg by
itself.
"""

from dataclasses import dataclass, replace

from distal.model import Placement

Z = 1.96
# Of one shank in running: limits of agreement of single contacts ic and tc, in square (Kiernan 2023, 74
# runners, a force plate). How much of it is a runner's own in every stride is not known: taken as all of
# it.
LITERATURE_S = 0.187


@dataclass(frozen=True, slots=True)
class ContactError:
    """Half widths of 95 % intervals, and SD that strides have from being measured.

    stance_s   time on the floor, of both legs of a person alike
    apart_s    the same, right leg against left
    shift_s    initial contact, right leg against left
    jitter_s   SD that finding contacts adds to stride times, or takes: what is smoothed scatters less
    jitter_m   the same of stride lengths
    apart_m    stride length, right leg against left
    """

    stance_s: float
    apart_s: float
    shift_s: float
    jitter_s: float
    jitter_m: float
    apart_m: float


# Person: limits of agreement of stance are -68 to 44 ms in 236 patients (Bertoli 2018), 31 ms in the
# quadratic mean; shank against foot of the same leg gave 27 ms in 6 people. Legs: stance 12 ms SD between
# virtual people's, whose soft tissue differs, 11 ms between those 6 people's; step times agree within 31
# ms (Bertoli 2018), 16 ms SD. Stride times at shank and foot of a leg agree within 36 ms (12 legs), 15 ms
# SD without the foot's own. Length from one stride to the next: 15 mm SD of virtual people's; 30 mm with
# what a person's are off alike (Bertoli 2018); between a virtual person's legs 14 mm.
_ANKLE = ContactError(Z * 0.031, Z * 0.012, Z * 0.016, 0.015, 0.015, Z * 0.014)
# Stance of five people's feet against hand marks: 21 ms too long, SD 8 ms; of one against cameras: 13 ms
# short. Legs: 4 ms.
_FOOT = ContactError(Z * 0.020, Z * 0.004, Z * 0.004, 0.010, 0.010, Z * 0.014)
# A cuff somewhere at the shank finds its height by itself, leg by leg: 4 % of length between the legs of
# those six people, who walked on a treadmill.
WALKING: dict[Placement, ContactError] = {
    "ankle": _ANKLE,
    "shank": replace(_ANKLE, apart_m=Z * 0.035),
    "foot": _FOOT,
}
# This method on virtual runners with 9 to 15 Hz soft tissue under the strap or none, whose shanks differ
# by 3 and 11 ms at the contacts (Fadillioglu 2020, 13 men): stance 18 ms; between legs 29 ms of stance,
# 16 ms of contact.
RUNNING = ContactError(Z * 0.018, Z * 0.029, Z * 0.016, 0.003, 0.010, Z * 0.014)


def contact_error(placement: Placement, running: bool) -> ContactError:
    """What is known about contacts found there."""
    return RUNNING if running else WALKING[placement]
