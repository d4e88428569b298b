"""Seeed XIAO ESP32-C6 on the Distal carrier."""

NUMBER = 3  # spec.BOARDS
SDA = 22  # D4
SCL = 23  # D5
I2C_HZ = 400_000
IMU_INT1 = 2  # D2
BUTTON = 1  # D1
VBAT_SENSE = 0  # D0, the tap of 2 x 220 kOhm
VBAT_RATIO = 2  # cell voltage / voltage at VBAT_SENSE
LED = 15
LED_LIT = 0  # level that lights the user LED
LED_R = 21  # D3
LED_G = 16  # D6
LED_B = 17  # D7
RGB_LIT = 0  # level that lights these three
MOTOR = 18  # D10
STORE = (
    "distal"  # partition of the flash ring, see store_device; a board without it keeps packets in RAM only
)
