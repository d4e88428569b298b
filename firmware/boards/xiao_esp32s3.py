"""Seeed XIAO ESP32-S3 on the Distal carrier."""

NUMBER = 1  # spec.BOARDS
SDA = 5  # D4
SCL = 6  # D5
I2C_HZ = 400_000
IMU_INT1 = 3  # D2
BUTTON = 2  # D1
VBAT_SENSE = 1  # D0, the tap of 2 x 220 kOhm
VBAT_RATIO = 2  # cell voltage / voltage at VBAT_SENSE
LED = 21
LED_LIT = 0  # level that lights the user LED
LED_R = 4  # D3
LED_G = 43  # D6
LED_B = 44  # D7
RGB_LIT = 0  # level that lights these three
MOTOR = 9  # D10
STORE = (
    "distal"  # partition of the flash ring, see store_device; a board without it keeps packets in RAM only
)
