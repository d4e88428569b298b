"""Any ESP32 board with its usual I2C pins; no interrupt pin: the FIFO is polled."""

NUMBER = 0  # spec.BOARDS
SDA = 21
SCL = 22
I2C_HZ = 400_000
IMU_INT1 = None
BUTTON = None
VBAT_SENSE = None
VBAT_RATIO = 2  # cell voltage / voltage at VBAT_SENSE
LED = None
LED_LIT = 1  # level that lights it
LED_R = None
LED_G = None
LED_B = None
RGB_LIT = 0  # level that lights these three
MOTOR = None
STORE = (
    "distal"  # partition of the flash ring, see store_device; a board without it keeps packets in RAM only
)
