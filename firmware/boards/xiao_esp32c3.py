"""Seeed XIAO ESP32-C3 on the Distal carrier. It has no user LED."""

NUMBER = 2  # spec.BOARDS
SDA = 6  # D4
SCL = 7  # D5
I2C_HZ = 400_000
IMU_INT1 = 4  # D2
BUTTON = 3  # D1
VBAT_SENSE = 2  # D0, the tap of 2 x 220 kOhm
VBAT_RATIO = 2  # cell voltage / voltage at VBAT_SENSE
LED = None
LED_LIT = 1
LED_R = 5  # D3
LED_G = 21  # D6
LED_B = 20  # D7
RGB_LIT = 0  # level that lights these three
MOTOR = 10  # D10
STORE = (
    "distal"  # partition of the flash ring, see store_device; a board without it keeps packets in RAM only
)
