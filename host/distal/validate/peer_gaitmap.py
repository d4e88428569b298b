# mypy: ignore-errors
"""Run in an environment of its own, with gaitmap (its AGPL part is a peer, never part of Distal).

    python peer_gaitmap.py FEET.npz   # JSON: foot -> {"ic_s": [...], "seconds": ..., "align_s": ...}

FEET.npz holds for each foot NAME: NAME (n, 6) acc m/s2 and gyr rad/s on an even grid, NAME.hz, NAME.side.
"""

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
from gaitmap.event_detection import RamppEventDetection
from gaitmap.preprocessing import align_dataset_to_gravity
from gaitmap.preprocessing.sensor_alignment import ForwardDirectionSignAlignment, PcaAlignment
from gaitmap.stride_segmentation import BarthDtw
from gaitmap.utils.coordinate_conversion import convert_to_fbf

COLUMNS = [f"{kind}_{axis}" for kind in ("acc", "gyr") for axis in "xyz"]
WARM_S = 20.0  # its compiled parts are compiled at the first call: not timed


def main() -> None:
    """Every foot of the file; the first is also run once before, so that nothing is compiled on the clock."""
    warnings.simplefilter("ignore")
    feet = np.load(sys.argv[1])
    names = [name for name in feet.files if "." not in name]
    first = names[0]
    rate = float(feet[f"{first}.hz"])
    detect(align(feet[first][: int(WARM_S * rate)], rate, str(feet[f"{first}.side"])), rate)
    out = {name: run(feet[name], float(feet[f"{name}.hz"]), str(feet[f"{name}.side"])) for name in names}
    print(json.dumps(out))


def run(rows, rate, side):
    """Align, then stride segmentation and events, with default parameters; timed apart."""
    begin = time.process_time()
    aligned = align(rows, rate, side)
    middle = time.process_time()
    ic = detect(aligned, rate)
    done = time.process_time()
    return {"ic_s": [float(k) / rate for k in ic], "seconds": done - middle, "align_s": middle - begin}


def align(rows, rate, side):
    """Gravity, then the plane of walking, then its sign, as gaitmap's own guide does."""
    data = pd.DataFrame(np.hstack([rows[:, :3], np.degrees(rows[:, 3:])]), columns=COLUMNS)
    feet = {"foot": data}
    for limit in (2.87, 6.0, 15.0, 50.0):  # deg/s: its default first, then whatever counts as still
        try:
            feet = align_dataset_to_gravity({"foot": data}, rate, static_signal_th=limit)
            break
        except ValueError:
            continue
    feet = PcaAlignment().align(feet).aligned_data_
    feet = ForwardDirectionSignAlignment().align(feet, sampling_rate_hz=rate).aligned_data_
    return convert_to_fbf(feet, **{side: ["foot"]})


def detect(feet, rate):
    """Initial contacts of all segmented strides, samples."""
    strides = BarthDtw().segment(feet, sampling_rate_hz=rate).stride_list_
    if not len(strides["foot"]):
        return []
    events = RamppEventDetection(enforce_consistency=False).detect(feet, strides, sampling_rate_hz=rate)
    ic = events.segmented_event_list_["foot"]["ic"].dropna()
    return sorted(set(ic))


if __name__ == "__main__":
    main()
