"""The metrics' pages: which measured figures stand on which page."""

from collections.abc import Mapping, Sequence
from typing import Any

from distal.validate.text import cells

Json = Mapping[str, Any]
LOADS = ("peak_force_n", "peak_moment_nm", "impulse_nms", "work_concentric_j", "peak_power_w")
SPLITS = ("side_impulse_nms", "phase_impulse_nms", "phase_time_s", "third_impulse_nms", "axis_impulse_ns")
# numbers whose intervals are judged, by page
WALKING = (
    *("stride_time_s", "stance_left_pct", "stance_right_pct", "double_support_pct", "stride_length_m"),
    *("speed_mps", "stride_time_sd_s", "stride_time_cv_pct", "stride_length_cv_pct", "stance_si_pct"),
    *("swing_si_pct", "swing_log_ratio_pct", "stride_length_si_pct", "phase_deg"),
    "pci_pct",
)
RUNNING = (
    "method_contact_s",
    "method_flight_s",
    "method_duty_factor",
    "contact_s",
    "flight_s",
    "duty_factor",
)
# page -> section -> keys of figures
PAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "cadence": {
        "treadmill": ("shank_cadence_error_spm", "foot_cadence_error_spm"),
        "walk_uturn": ("cadence_error_spm", "cadence_worst_spm"),
        "virtual_gait": ("cadence_mae_spm",),
        "virtual_intervals": ("walking_cadence_spm", "running_cadence_spm"),
    },
    "steps": {
        "walk_uturn": ("walk_f1", "turn_f1", "after_f1", "all_f1", "ic_bias_ms", "ic_mad_ms", "tc_mad_ms"),
        "feet_events": ("ic_bias_ms", "ic_sd_ms", "tc_bias_ms", "tc_sd_ms"),
        "stroke": ("legs_within_one",),
        "leg_raises": ("steps",),
        "virtual_gait": ("all_f1", "ic_bias_ms", "ic_mad_ms", "tc_bias_ms", "tc_mad_ms"),
        "damage": ("packets_10_f1_cost", "scattered_5_f1_cost"),
    },
    "stride": {
        "treadmill": (
            *("shank_stride_mae_ms", "shank_length_error_pct", "shank_speed_error_pct"),
            *("foot_stride_mae_ms", "foot_length_error_pct", "foot_speed_error_pct"),
        ),
        "stroke": ("stride_bias_ms", "stride_low_ms", "stride_high_ms", "speed_mae_pct"),
        "walk_uturn": ("stride_mae_ms",),
        "virtual_gait": (
            *("stride_mae_ms", "stride_length_m_pct", "speed_mps_pct", "double_support_pct_pct"),
        ),
        "virtual_intervals": tuple(f"walking_{key}" for key in WALKING),
        "damage": ("packets_10_stride_ratio", "scattered_5_stride_ratio"),
    },
    "reps": {
        "leg_raises": ("exact", "within_one", "still", "named", "start_mae_ms", "end_mae_ms"),
        "virtual_reps": (
            *("exact", "within_one", "boundaries_ms", "start_ms", "top_ms", "lower_ms", "end_ms"),
            *("named", "misnamed", "sided"),
        ),
        "virtual_false": ("walking_reps", "standing_reps", "noise_reps"),
        "damage": ("packets_10_reps_near", "scattered_5_reps_near"),
    },
    "range": {"virtual_reps": ("rom_deg", "rom_worst_deg")},
    "load": {
        "load": ("force_pct", "moment_pct", "impulse_pct", "work_pct", "balance_pct", "additive", "linear"),
        "virtual_reps": (*(f"{key}_pct" for key in LOADS), "load_coverage"),
        "virtual_intervals": ("load_peak_force_n", "load_peak_knee_moment_nm", "load_lateral_force_n"),
    },
    "distribution": {
        "load": (
            *("counted", *(f"{key}_{end}" for key in SPLITS for end in ("mae", "p95"))),
            *("amount_label", "share_label", "amount_weighed", "share_weighed"),
        )
    },
    "smoothness": {},
    "sway": {"virtual_sway": ("measured", "rms_pct", "rms_bias_pct", "velocity_pct")},
    "wear": {
        "mounting": (
            *(
                "same_events",
                "moved",
                "lateral_same",
                "nominal_told",
                "upside_down_told",
                "swapped_told",
                "twisted_told",
            ),
            *("nominal_false", "clipped_told", "hole_borne"),
        ),
        "stroke": ("loose_flagged",),
        "virtual_wear": (
            *("nominal_told", "upside_down_told", "swapped_told", "twisted_told", "loose_told"),
            *("sliding_told", "false"),
        ),
    },
    "jumps": {
        "virtual_gait": (
            "contact_s_pct",
            "flight_s_pct",
            "duty_factor_pct",
        ),
        "virtual_intervals": tuple(f"running_{key}" for key in RUNNING),
        "virtual_jumps": ("exact", "within_one", "flight_ms", "flight_bias_ms", "height_cm", "contact_ms"),
    },
}


def page_table(name: str, sections: Sequence[Json]) -> str:
    """The measured figures of one page, as they were kept."""
    kept = {one["name"]: one for one in sections}
    lines = ["| measured on | what | reached | n | target |", "|---|---|---:|---:|---|"]
    for section, keys in PAGES[name].items():
        figures = {one["key"]: one for one in kept.get(section, {"figures": ()})["figures"]}
        for key in keys:
            if key in figures:
                what, reached, n, target, _met = cells(figures[key])
                lines.append(f"| {section} | {what} | {reached} | {n} | {target} |")
    return "\n".join(lines) if len(lines) > 2 else "No section of `distal validate` measures this one."
