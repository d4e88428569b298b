"""Wire format v1: the only place where bytes are defined.

Pure data, no imports: MicroPython and CPython read this same file.
A field is (name, struct code, unit per LSB, meaning), little-endian; a message (MESSAGES) is its fields,
for samples the payload, then its trailer.
"""

VERSION = 1
MAX_BYTES = 244  # ATT payload at the usual MTU of 247
MIN_MTU = 247  # a smaller MTU would cut a full sample packet: `start` is refused

# ---- GATT. One service of our own; numbers are never reused.
SERVICE = "77d80001-5e1d-45fc-9ff2-ace950e41fb5"
STREAM = "77d80002-5e1d-45fc-9ff2-ace950e41fb5"  # notify: samples, status
CONTROL = "77d80003-5e1d-45fc-9ff2-ace950e41fb5"  # write: command, proof; indicate: the answers
INFO_VALUE = "77d80004-5e1d-45fc-9ff2-ace950e41fb5"  # read: info
KEPT_VALUE = "77d80005-5e1d-45fc-9ff2-ace950e41fb5"  # notify: what the cuff kept, when asked
BATTERY_SERVICE = 0x180F
BATTERY_LEVEL = 0x2A19
DEVICE_SERVICE = 0x180A
DEVICE_FIELDS = ((0x2A29, "manufacturer"), (0x2A24, "model"), (0x2A25, "serial"), (0x2A26, "firmware"))
NAME_PREFIX = "Distal"

# ---- message kinds: first byte of every message
KIND_SAMPLES = 0x01
KIND_INFO = 0x02
KIND_STATUS = 0x03
KIND_COMMAND = 0x04
KIND_RESPONSE = 0x05
KIND_CHALLENGE = 0x06
KIND_PROOF = 0x07
KIND_MOMENT = 0x08
KIND_FETCH = 0x09
KIND_FETCHED = 0x0A
KIND_KEPT = 0x0B
KIND_STORE = 0x0C
KIND_ORIGIN = 0x0D
KIND_MARKED = 0x0E

# ---- values of fields
SIDE_UNKNOWN = 0
SIDE_LEFT = 1
SIDE_RIGHT = 2

ENCODING_RAW = 0  # count rows of SAMPLE
ENCODING_PACKED = 1  # the same without loss in fewer bytes, see packed.py
ENCODING_RICE = 2  # the same in fewer bytes where a leg rests, see rice.py
PACKED_BLOCK = 8  # samples that share the widths of their fields
FLAG_CLIPPED_ACC = 0x01  # an acceleration value stood at the end of its scale
FLAG_CLIPPED_GYR = 0x02  # an angular rate stood at the end of its scale
FLAG_OVERRUN = 0x04  # the IMU's FIFO overran before this packet; `index` counts what was lost
FLAG_TIME_JUMP = 0x08  # the IMU's timestamp and the sample count disagree

CLOCK_HZ = 40000  # ticks of every clock field: 25 us, the LSM6DSO32's own timestamp
# nominal rate (Hz) -> ticks between samples. The chip divides 6666.67 Hz, so "208" is 208.33 Hz.
PERIOD_TICKS = ((104, 384), (208, 192), (416, 96))

# (id, name, acceleration ug per LSB and g of range, angular rate udeg/s per LSB and deg/s of range)
IMUS = (
    (1, "LSM6DSO32", 30.5, 35.0),  # DS13607 table 3: 0.976 mg at 32 g, 70 mdps at 2000 dps
    (2, "LSM6DSO", 30.5, 35.0),
)

BOARDS = (
    (0, "generic"),
    (1, "xiao_esp32s3"),
    (2, "xiao_esp32c3"),
    (3, "xiao_esp32c6"),
)

# ---- commands, settings, errors
COMMAND_START = 1  # value unused; while streaming it resumes; answer index = first sample that will be sent
COMMAND_STOP = 2  # answer index = one past the last sample taken, sent after the last packet
COMMAND_IDENTIFY = 3  # value = seconds to blink
COMMAND_SET = 4  # key, value
COMMAND_ECHO = 5  # answer clock = the cuff clock at the moment the command was read
COMMAND_CHALLENGE = 6  # answer: a `challenge`; a response instead when no key is set and no window is open

SET_RATE_HZ = 1
SET_ACC_RANGE_G = 2
SET_GYR_RANGE_DPS = 3
SET_SIDE = 4
SET_MASS_G = 5
SET_ALONE = 6  # ALONE_*
SET_STILL_MIN = 7  # a recording without a host ends after so many minutes without movement

OK = 0
ERROR_UNKNOWN_COMMAND = 1
ERROR_BAD_MESSAGE = 2
ERROR_BAD_VALUE = 3
ERROR_BUSY = 4  # not while streaming
ERROR_SMALL_MTU = 5  # detail = the MTU of this connection
ERROR_IMU = 6  # no IMU, or it does not read 1 g at rest; detail = |a| in mg, 0 when it does not answer
ERROR_MEMORY = 7
ERROR_LOCKED = 8  # the key was not proven on this connection; detail = ms until the next try is taken
ERROR_FLASH = 9  # the flash ring cannot be read or written

STATUS_STREAMING = 0x01
STATUS_REST_FAILED = 0x02  # |a| at rest was not 1 g: wrong part or damage
STATUS_USB_POWER = 0x04

MOMENT_MOVING = 0x01  # the leg moved within the last seconds; also while nothing is sampled
MOMENT_PRESSED = 0x02  # the button is held down

CHALLENGE_LOCKED = 0x01  # a key is set: it must be proven before any command
CHALLENGE_WINDOW = 0x02  # the button was held: a new key may be agreed on now

PROOF_HOST = 1  # a host proves the key
PROOF_CUFF = 2  # the cuff proves it back
PROOF_NEW_HOST = 3  # a host proves the new key that both agreed on within the window
PROOF_NEW_CUFF = 4  # the cuff proves it back and has kept it

FETCH_RANGE = 1  # send the packets that hold samples first .. first + count of that boot
FETCH_SESSIONS = 2  # send one `kept` for each session; boot, first and count unused
FETCH_RELEASE = 3  # the host has the samples of that boot before first + count: they may go
FETCH_CANCEL = 4  # end the fetch that runs

ALONE_OFF = 0  # no recording without a host; one whose host has gone ends after 60 s
ALONE_BUTTON = 1  # a short press begins and ends one; one whose host has gone goes on
ALONE_MOTION = 2  # ... and movement begins one, too
MAX_STILL_MIN = 240

KEPT_OPEN = 0x01  # still being taken
KEPT_ALONE = 0x02  # began without a host
KEPT_RELEASED = 0x04  # a host has all of it

UNKNOWN_PCT = 255
UNKNOWN_S = 2**32 - 1

# ---- fields
SAMPLES = (
    ("kind", "B", "", "KIND_SAMPLES"),
    ("version", "B", "", "VERSION of this table"),
    ("boot", "H", "", "drawn at random at each boot"),
    ("index", "I", "sample", "number of the first sample since boot, counted when taken, lost ones too"),
    ("clock", "I", "25 us", "cuff clock at the first sample, wraps after 29.8 h"),
    ("rate_hz", "H", "1 Hz", "nominal sampling rate, see PERIOD_TICKS"),
    ("count", "B", "sample", "samples in the payload"),
    ("encoding", "B", "", "ENCODING_* of the payload"),
    ("flags", "B", "", "FLAG_* bits, about the samples of this packet"),
    ("imu", "B", "", "row of IMUS: gives the size of an LSB"),
    ("acc_range_g", "B", "1 g", "acceleration range"),
    ("gyr_range", "B", "125 deg/s", "angular rate range"),
)

SAMPLE = (
    ("gx", "h", "35 udeg/s x range", "angular rate about the IMU's x axis"),
    ("gy", "h", "35 udeg/s x range", "angular rate about y"),
    ("gz", "h", "35 udeg/s x range", "angular rate about z"),
    ("ax", "h", "30.5 ug x range", "specific force along x; +1 g on the axis that points up at rest"),
    ("ay", "h", "30.5 ug x range", "specific force along y"),
    ("az", "h", "30.5 ug x range", "specific force along z"),
)

TRAILER = (("crc", "I", "", "CRC-32 (IEEE 802.3, as zlib) over everything before it"),)

# 4 bytes is the size of the link layer's own tag; sealing a packet later changes no layout
SEALED_TRAILER = (("tag", "I", "", "place for an authentication tag; zero in this version"),) + TRAILER

INFO = (
    ("kind", "B", "", "KIND_INFO"),
    ("version", "B", "", "VERSION of this table"),
    ("boot", "H", "", "as in SAMPLES"),
    ("cuff_id", "8s", "", "machine.unique_id(), zero-padded: the permanent address"),
    ("side", "B", "", "SIDE_*"),
    ("board", "B", "", "row of BOARDS"),
    ("imu", "B", "", "row of IMUS; 0: none answered"),
    ("firmware_major", "B", "", "firmware version"),
    ("firmware_minor", "B", "", ""),
    ("firmware_patch", "B", "", ""),
    ("rate_hz", "H", "1 Hz", "nominal sampling rate"),
    ("acc_range_g", "B", "1 g", "acceleration range"),
    ("gyr_range", "B", "125 deg/s", "angular rate range"),
    ("mass_g", "H", "1 g", "worn mass, cuff included; 0 unknown"),
    ("ring_slots", "H", "packet", "size of the RAM ring"),
    ("encodings", "B", "", "bit n: encoding n can be sent"),
)

STATUS = (
    ("kind", "B", "", "KIND_STATUS"),
    ("version", "B", "", "VERSION of this table"),
    ("boot", "H", "", "as in SAMPLES"),
    ("index", "I", "sample", "samples taken since boot, lost ones too"),
    ("clock", "I", "25 us", "cuff clock when this was written"),
    ("battery_mv", "H", "1 mV", "cell voltage; 0 unknown"),
    ("battery_pct", "B", "1 %", "charge; 255 unknown"),
    ("flags", "B", "", "STATUS_* bits"),
    ("ring_fill", "H", "packet", "packets that wait in the RAM ring"),
    ("lost", "I", "sample", "samples lost since boot: FIFO overruns and ring overflow"),
    ("overruns", "H", "", "FIFO overruns since boot"),
    ("no_buffer", "H", "", "times the radio had no room (ENOMEM), saturating"),
    ("imu_errors", "H", "", "I2C transfers that failed"),
    ("bad_commands", "H", "", "commands refused"),
)

# sent about seven times a second while streaming, and at once when the button or the leg's rest changes
MOMENT = (
    ("kind", "B", "", "KIND_MOMENT"),
    ("version", "B", "", "VERSION of this table"),
    ("boot", "H", "", "as in SAMPLES"),
    ("clock", "I", "25 us", "cuff clock, read together with crystal_us; 0: the IMU did not answer"),
    ("crystal_us", "I", "1 us", "the processor's crystal, wraps after 71.6 min: tells how fast `clock` runs"),
    ("presses", "B", "", "short presses of the button since boot, wraps"),
    ("flags", "B", "", "MOMENT_* bits"),
)

# after a start, and before `kept`, where the cuff began anew and its IMU did not: one clock for two boots
ORIGIN = (
    ("kind", "B", "", "KIND_ORIGIN"),
    ("version", "B", "", "VERSION of this table"),
    ("boot", "H", "", "as in SAMPLES"),
    ("before", "H", "", "the boot before it, whose clock the IMU still told"),
    ("clock", "I", "25 us", "what that clock said, or would have, when the clock of `boot` was 0"),
)

COMMAND = (
    ("kind", "B", "", "KIND_COMMAND"),
    ("version", "B", "", "VERSION of this table"),
    ("op", "B", "", "COMMAND_*"),
    ("seq", "B", "", "chosen by the host, comes back in the response"),
    ("key", "B", "", "SET_* for COMMAND_SET, else 0"),
    ("value", "i", "", "argument"),
)

# answer to COMMAND_CHALLENGE, on `control`; see distal_wire.proof for what is computed
CHALLENGE = (
    ("kind", "B", "", "KIND_CHALLENGE"),
    ("version", "B", "", "VERSION of this table"),
    ("seq", "B", "", "of the command"),
    ("flags", "B", "", "CHALLENGE_* bits"),
    ("boot", "H", "", "as in SAMPLES"),
    ("nonce", "16s", "", "random bytes of the cuff, good for one proof"),
    ("public", "32s", "", "X25519 value of the cuff while the window is open, else 0"),
)

# from the host, on `control`; the cuff proves back with the same message
PROOF = (
    ("kind", "B", "", "KIND_PROOF"),
    ("version", "B", "", "VERSION of this table"),
    ("seq", "B", "", "of the challenge"),
    ("direction", "B", "", "PROOF_*"),
    ("nonce", "16s", "", "random bytes of the host, also in the cuff's answer"),
    ("mac", "16s", "", "first half of HMAC-SHA256 over label, direction, both nonces, cuff id and boot"),
    ("public", "32s", "", "X25519 value of the host for PROOF_NEW_HOST, else 0"),
)

# on `control`, as commands are
FETCH = (
    ("kind", "B", "", "KIND_FETCH"),
    ("version", "B", "", "VERSION of this table"),
    ("op", "B", "", "FETCH_*"),
    ("seq", "B", "", "chosen by the host, comes back in `fetched`"),
    ("boot", "H", "", "of the samples"),
    ("first", "I", "sample", "index of the first sample wanted"),
    ("count", "I", "sample", "how many"),
)

# ends every fetch; one that may not be asked for, or whose answer does not fit, a response ends, op and key 0
FETCHED = (
    ("kind", "B", "", "KIND_FETCHED"),
    ("version", "B", "", "VERSION of this table"),
    ("op", "B", "", "of the fetch"),
    ("seq", "B", "", "of the fetch"),
    ("error", "B", "", "OK or ERROR_*"),
    ("boot", "H", "", "of the fetch"),
    ("first", "I", "sample", "of the fetch"),
    ("end", "I", "sample", "one past the last sample of the range that was looked for"),
    ("sent", "H", "", "packets or sessions sent"),
    ("missing", "I", "sample", "samples of the range that the cuff does not have, and never will"),
)

KEPT = (
    ("kind", "B", "", "KIND_KEPT"),
    ("version", "B", "", "VERSION of this table"),
    ("boot", "H", "", "of the session"),
    ("first", "I", "sample", "index of its first sample that is still kept"),
    ("end", "I", "sample", "one past its last sample"),
    ("clock", "I", "25 us", "cuff clock at its first sample, as in SAMPLES"),
    ("age_s", "I", "1 s", "since `first` was taken, by this boot's crystal; UNKNOWN_S: before this boot"),
    ("rate_hz", "H", "1 Hz", "nominal sampling rate"),
    ("flags", "B", "", "KEPT_* bits"),
)

# comes before the `kept` messages of FETCH_SESSIONS
STORE = (
    ("kind", "B", "", "KIND_STORE"),
    ("version", "B", "", "VERSION of this table"),
    ("boot", "H", "", "of the cuff now"),
    ("up_s", "I", "1 s", "since it began, by its crystal"),
    ("size", "I", "byte", "of the flash ring; 0: the cuff has none and keeps packets in RAM only"),
    ("held", "I", "sample", "in the flash ring"),
    ("lost", "I", "sample", "gave way in flash before a host had them, since the ring was new"),
    ("missed", "I", "sample", "of this boot that flash refused or was too slow for"),
    ("errors", "H", "", "times the flash refused since boot, saturating"),
    ("torn", "H", "block", "neither erased nor readable at boot: a power cut, or damage"),
    ("alone", "B", "", "ALONE_*"),
    ("still_min", "B", "1 min", "a recording without a host ends after so long without movement"),
)

# comes among the samples of FETCH_RANGE: a session began, went on or ended
_BEGIN_OF_MARK = (
    ("kind", "B", "", "KIND_MARKED; in the ring KIND_MARK"),
    ("version", "B", "", "VERSION of this table"),
    ("event", "B", "", "MARK_*"),
    ("reason", "B", "", "row of MARK_REASONS"),
)
MARKED = _BEGIN_OF_MARK + MOMENT[2:3] + (("index", "I", "sample", "next sample"),) + MOMENT[3:5]

# 20 bytes with its CRC: an answer must fit before the MTU exchange, to say that the MTU is small
RESPONSE = (
    ("kind", "B", "", "KIND_RESPONSE"),
    ("version", "B", "", "VERSION of this table"),
    ("op", "B", "", "of the command"),
    ("seq", "B", "", "of the command"),
    ("key", "B", "", "of the command"),
    ("error", "B", "", "OK or ERROR_*"),
    ("detail", "H", "", "what the error says, else 0"),
    ("index", "I", "sample", "samples taken since boot"),
    ("clock", "I", "25 us", "cuff clock when the command was handled"),
)

# (kind, name, fields, what follows the fields and the payload)
MESSAGES = (
    (KIND_SAMPLES, "samples", SAMPLES, SEALED_TRAILER),
    (KIND_INFO, "info", INFO, TRAILER),
    (KIND_STATUS, "status", STATUS, TRAILER),
    (KIND_COMMAND, "command", COMMAND, TRAILER),
    (KIND_RESPONSE, "response", RESPONSE, TRAILER),
    (KIND_CHALLENGE, "challenge", CHALLENGE, TRAILER),
    (KIND_PROOF, "proof", PROOF, TRAILER),
    (KIND_MOMENT, "moment", MOMENT, TRAILER),
    (KIND_FETCH, "fetch", FETCH, TRAILER),
    (KIND_FETCHED, "fetched", FETCHED, TRAILER),
    (KIND_KEPT, "kept", KEPT, TRAILER),
    (KIND_STORE, "store", STORE, TRAILER),
    (KIND_ORIGIN, "origin", ORIGIN, TRAILER),
    (KIND_MARKED, "marked", MARKED, TRAILER),
)

# ---- the flash ring. Not on the air: what lies in the cuff's flash and in a dump of it.
# A block is one erase unit: header, records, footer. A record is its length, the length's complement,
# then a whole message with its own CRC: a packet as it was sent, or a mark.
STORE_MAGIC = 0xD157
STORE_LAYOUT = 1
STORE_LABEL = "distal"  # of the partition
RECORD_HEAD = 2  # bytes before the message of a record
RECORD_MAX = 250  # bytes of that message; 255 would read as erased flash
KIND_MARK = 0x80  # first byte of a mark; never sent
MARK_START = 1
MARK_STOP = 2
MARK_TIME = 3  # once a minute
REASON_HOST = 1
REASON_BUTTON = 2
REASON_MOTION = 3  # it began, or there was none for long
REASON_BATTERY = 4
REASON_ALONE = 5  # the host had gone, and recording without one is off
MARK_REASONS = ((0, "unknown"), (1, "host"), (2, "button"), (3, "motion"), (4, "battery"), (5, "alone"))

# written when the block is begun
STORE_HEADER = (
    ("magic", "H", "", "STORE_MAGIC"),
    ("layout", "B", "", "STORE_LAYOUT of this table"),
    ("blocks", "H", "block", "in the ring"),
    ("seq", "I", "block", "begun before it since the ring was new; its place is seq modulo blocks"),
    ("run", "I", "block", "seq of the first block of this session"),
    ("total", "I", "sample", "kept in the ring before this block, since it was new, modulo 2**30"),
    ("gone", "I", "sample", "of these, how many gave way to newer ones, modulo 2**30"),
    ("lost", "I", "sample", "of these, how many went before a host had them; stops at 2**30 - 1"),
    ("boot", "H", "", "as in SAMPLES"),
    ("index", "I", "sample", "of the first packet or mark in the block"),
    ("clock", "I", "25 us", "of the same"),
    ("cuff_id", "8s", "", "as in INFO"),
    ("crc", "I", "", "CRC-32 over the fields before it"),
)

# written when the block is full or its session ends; a block without one was cut off
STORE_FOOTER = (
    ("end", "I", "sample", "index after the last sample in the block"),
    ("samples", "H", "sample", "samples in its packets"),
    ("used", "H", "byte", "bytes of its records"),
    ("packets", "H", "packet", ""),
    ("marks", "B", "", "marks"),
    ("crc", "I", "", "CRC-32 over header, records and the fields before it"),
    ("synced", "B", "", "255; 0 when a host has every sample of the block. Written last, in no CRC"),
)

STORE_MARK = MARKED + TRAILER

SAMPLES_PER_PACKET = 18  # (MAX_BYTES - header - trailer) // bytes per sample

if "__doc__" not in globals():
    # MicroPython, which keeps no docstrings: a cuff needs no units and meanings either, 14 kB of heap on a
    # 64-bit build. The compiler's constants go only if no function holds them: there is none in this file.
    _cut: dict = {}
    for _name, _rows in list(globals().items()):
        if isinstance(_rows, tuple) and isinstance(_rows[0], tuple) and isinstance(_rows[0][0], str):
            _cut[id(_rows)] = globals()[_name] = tuple([_row[:2] for _row in _rows])
    globals()["MESSAGES"] = tuple([_row[:2] + (_cut[id(_row[2])], _cut[id(_row[3])]) for _row in MESSAGES])
    _cut.clear()
    _rows = None
