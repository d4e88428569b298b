"""English of the warnings: what is so, what it does to the numbers, what to do."""

SAME = "Counts, times and loads do not depend on it; names of exercises may."

TABLE: dict[str, str] = {
    # what was said, and what was worn
    "warn.one_leg": "Only the {side} leg was worn: steps of the other leg and movement that goes along with "
    "it "
    "cannot be told apart. Wear both cuffs to compare sides.",
    "warn.no_mass": "Load is not known without the worn mass. Give it with --mass.",
    "warn.no_height": "Turning load on a joint needs the distance from joint to weight. "
    "Give the body height with --height.",
    "warn.unknown_exercise": "An exercise was not recognised. Name it with --exercise for its load.",
    "warn.count_open": "The set at {seconds:.0f} s has {n} reps, but it may be {least:.0f} to {whole}: "
    "the leg moved where no rep was found, or both legs show the same reps. Pause between reps.",
    "warn.knee_bends": "Lying prone the knee bends, which one cuff cannot see: no turning load is given "
    "there. "
    "Read force and range instead.",
    # samples
    "warn.low_coverage": "{Side}: only {percent:.0f} % of the samples are there. Times stay true, counts "
    "may be "
    "low; keep the phone or computer nearer.",
    "warn.no_gyro": "{Side}: no turning rate (gx, gy, gz), so no steps and no reps. Record with the "
    "gyroscope on.",
    "warn.clipped": "{Side}: samples at the end of the sensor's range: {n}. Peaks read low there; "
    "use a wider range.",
    "warn.clipped_reps.one": "{n} rep has a peak at the sensor's limit, which reads low. Use a wider range.",
    "warn.clipped_reps.many": "{n} reps have a peak at the sensor's limit, which reads low. Use a wider "
    "range.",
    "warn.cadence_coverage": "{Side}: {percent:.0f} % of the samples of its strides are there, cadence needs "
    "{least:.0f} %: its strides are left out. Keep the computer near.",
    "warn.stride_gaps": "{Side}: samples are missing in {n} of {whole} strides; they count, "
    "their times are less sure.",
    "warn.load_coverage": "{Side}: {n} of {whole} reps of a set have less than {least:.0f} % of their "
    "samples: "
    "no load is given for them.",
    # how the cuff sat
    "warn.sides_swapped": "Left and right seem to be swapped: z points inward on both. "
    "Exchange the cuffs, or their sides.",
    "warn.side_unlike": "{Side}: z points inward. Is it on the other leg, or turned half round? Check it. "
    + SAME,
    "warn.loose": "{Side}: the cuff is loose, it rings after contacts. Tighten the strap; "
    "peaks and contacts of this leg are less sure.",
    "warn.upside_down": "{Side}: the cuff is upside-down. Turn its x towards the foot. " + SAME,
    "warn.twisted": "{Side}: the cuff is turned {deg:.0f}° around the leg. Turn z outward. " + SAME,
    "warn.slid": "{Side}: the cuff moved {deg:.0f}° on the leg during the session. Tighten the strap "
    "and compare early with late with care.",
    # limits of a person
    "warn.limit.mass_kg": "Worn mass on the {side} leg: {value:.3g} kg, your limit is {bound:.3g}. "
    "Stop and lower it.",
    "warn.limit.rom_deg": "Range on the {side} leg: {value:.3g}°, your limit is {bound:.3g}. Stop and lower "
    "it.",
    "warn.limit.rom_deg.both": "Range: {value:.3g}°, your limit is {bound:.3g}. Stop and lower it.",
    "warn.limit.moment_nm": "Turning load on the {side} leg: {value:.3g} N·m, your limit is {bound:.3g}. "
    "Stop and lower it.",
    "warn.limit.moment_nm.both": "Turning load: {value:.3g} N·m, your limit is {bound:.3g}. Stop and lower "
    "it.",
    "warn.limit.minutes_day": "Worn today: {value:.3g} min, your limit is {bound:.3g}. Take the weight off.",
    "warn.limit.forbidden": "{exercise} is ruled out in your plan. Stop, and do another exercise.",
    # standing
    "warn.sway_left_out": "{n:.0f} late stretches of stillness were not looked at for sway: there were too "
    "many. Record in shorter sessions.",
    "warn.sway_short": "{seconds:.0f} s of quiet stance; sway needs {least:.0f} s",
    "warn.sway_coverage": "{side}: {percent:.0f} % of the samples are there, sway needs {least:.0f} %",
    "warn.sway_one_cuff": "one cuff: the other foot is taken to be still",
    "warn.sway_posture": "no walking shows how the cuff sits: taken to be upright",
    # what came over the air
    "warn.legs_unsure": "Left and right agree within {ms:.0f} ms only: no computer heard the cuffs. "
    "How evenly the legs take turns is not told. Knocks of the cuffs on each other tell: distal sync --tap.",
    "warn.legs_far": "Left and right agree within {ms:.0f} ms only: no computer heard the cuffs. How evenly "
    "the legs take turns, and how long both feet stand, is not told; what each leg did is. Knocks of the "
    "cuffs on each other tell: distal sync --tap.",
    "warn.extra_cuff": "Cuff {cuff} was left out: both legs have one already.",
    "warn.side_unknown": "Cuff {cuff} does not say its side, or says one that is taken; counted as {side}. "
    "Name it with --{option} {cuff}.",
    "warn.bad_packets.one": "{n} message was left out: {why}. The file keeps it.",
    "warn.bad_packets.many": "{n} messages were left out: {why}. The file keeps them.",
    "warn.calibration_unfit": "{Side}: its calibration was made with another motion sensor or range and is "
    "not "
    "used. See: distal calibrate --show",
    "warn.stream_gap.one": "{Side}: {n} sample is missing.",
    "warn.stream_gap.many": "{Side}: {n} samples are missing; holes: {holes}.",
    "warn.stream_boot.one": "{Side}: the cuff started again; {lost} ± {sure} samples between are a gap.",
    "warn.stream_boot.many": "{Side}: the cuff started again {n} times; {lost} ± {sure} samples between are "
    "a gap.",
    "warn.stream_pause.one": "{Side}: the cuff paused; the time between is a gap.",
    "warn.stream_pause.many": "{Side}: the cuff paused {n} times; the time between is a gap.",
    "warn.stream_late.one": "{Side}: {n} packet came after its gap was closed; a report has it.",
    "warn.stream_late.many": "{Side}: {n} packets came after their gap was closed; a report has them.",
    "warn.stream_unbelievable.one": "{Side}: {n} packet was left out: hours from the others.",
    "warn.stream_unbelievable.many": "{Side}: {n} packets were left out: hours from the others.",
    "warn.imu_rest": "{Side}: the motion sensor did not read 1 g at rest; forces may be wrong. Check the "
    "cuff.",
    "warn.imu_errors.one": "{Side}: {n} read of the motion sensor failed. Check the wiring.",
    "warn.imu_errors.many": "{Side}: {n} reads of the motion sensor failed. Check the wiring.",
    "warn.cuff_lost.one": "{Side}: the cuff itself had to drop {n} sample.",
    "warn.cuff_lost.many": "{Side}: the cuff itself had to drop {n} samples.",
    "warn.battery_low": "{Side}: battery at {percent} %. Charge the cuff.",
    # why a message was left out: the protocol's own words are the keys
    "fault.no kind and version": "no kind and version",
    "fault.unknown kind": "unknown kind",
    "fault.another wire version": "another wire version",
    "fault.wrong length": "wrong length",
    "fault.damaged (CRC)": "damaged on the way",
    "fault.impossible sample count": "impossible sample count",
    "fault.unknown encoding": "unknown encoding",
    "fault.packed samples that do not follow their encoding": "packed samples that do not follow their "
    "encoding",
    "fault.unknown rate": "unknown rate",
    "fault.unknown IMU or range": "unknown motion sensor or range",
    "fault.another sampling rate than before": "another sampling rate than before",
}
