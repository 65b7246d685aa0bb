# SPDX-License-Identifier: Apache-2.0
"""Numbers of the EF01 fingerprint-module protocol, shared by the codec and the emulator.

Sources: "ZFM-70 Series Fingerprint Identification Module User Manual" (Hangzhou Zhian), "R503
Fingerprint Module User Manual" V1.2.2 (Hangzhou Grow, 2022-10), "R30X Series" manual (SFG), and
the AS608 driver of the libdriver project for the Synochip codes; the newer Synochip modules' set is
that of m5stack/M5Unit-Fingerprint2. All numbers are big-endian.

Three branches share the instructions up to 1F and disagree above: GROW (R503, R30x), ZFM-70, and
Synochip's newer modules, whose own meaning of some codes is `SocOp`.
"""

from enum import IntEnum
from typing import Final

HEADER: Final = b"\xef\x01"
BROADCAST: Final = 0xFFFF_FFFF  # factory address
PREFIX: Final = 9  # header 2, address 4, PID 1, length 2
CHECKSUM: Final = 2
MAX_PAYLOAD: Final = 256  # the largest packet size a module can be set to
MIN_LENGTH: Final = 3  # one payload byte and the checksum
MAX_LENGTH: Final = MAX_PAYLOAD + CHECKSUM
GREETING: Final = 0x55  # bare byte after power-on and soft reset; not a packet
DEFAULT_BAUDRATE: Final = 57600  # 9600 * 6
BAUD_UNIT: Final = 9600
PACKET_SIZES: Final = (32, 64, 128, 256)  # by the code of system parameter 6
NOTEPAD_PAGES: Final = 16
NOTEPAD_BYTES: Final = 32
INDEX_TABLE_BYTES: Final = 32  # 256 pages a table, lowest bit first
PRODUCT_INFO_BYTES: Final = 46
SYSTEM_PARAMETERS_BYTES: Final = 16
INFO_PAGE_BYTES: Final = 512  # answer of ReadInfPage, in data packets
VERSION_BYTES: Final = 32  # texts of GetAlgVer and GetFwVer
SOC_SYSTEM_ID: Final = 0x80  # from here on the system id is the template size of a newer Synochip
LONGEST_IMAGE: Final = 36_864  # 256 x 288 pixels, two a byte


class Pid(IntEnum):
    """Packet kinds."""

    COMMAND = 0x01
    DATA = 0x02  # more follow
    ACK = 0x07
    END = 0x08  # last data packet


class Op(IntEnum):
    """Instruction codes, as spelled in the manuals."""

    GEN_IMG = 0x01
    IMG2TZ = 0x02
    MATCH = 0x03
    SEARCH = 0x04
    REG_MODEL = 0x05
    STORE = 0x06
    LOAD_CHAR = 0x07
    UP_CHAR = 0x08
    DOWN_CHAR = 0x09
    UP_IMAGE = 0x0A
    DOWN_IMAGE = 0x0B
    DELET_CHAR = 0x0C
    EMPTY = 0x0D
    SET_SYS_PARA = 0x0E
    READ_SYS_PARA = 0x0F
    ENROLL = 0x10  # Synochip: press, compare, store in one
    IDENTIFY = 0x11  # Synochip
    SET_PWD = 0x12
    VFY_PWD = 0x13
    GET_RANDOM_CODE = 0x14
    SET_ADDER = 0x15
    READ_INF_PAGE = 0x16
    CONTROL = 0x17
    WRITE_NOTEPAD = 0x18
    READ_NOTEPAD = 0x19
    BURN_CODE = 0x1A  # replaces the firmware; nothing here ever sends it
    HI_SPEED_SEARCH = 0x1B
    GEN_BIN_IMAGE = 0x1C  # Synochip
    TEMPLATE_NUM = 0x1D
    USER_GPIO = 0x1E  # Synochip
    READ_INDEX_TABLE = 0x1F
    GET_IMAGE_EX = 0x28  # from here on the branches differ: know the module first
    GET_ENROLL_IMAGE = 0x29
    CANCEL = 0x30
    AUTO_ENROLL = 0x31
    AUTO_IDENTIFY = 0x32
    STANDBY = 0x33
    AURA_LED = 0x35
    CHECK_SENSOR = 0x36
    GET_ALG_VER = 0x39
    GET_FW_VER = 0x3A
    READ_PROD_INFO = 0x3C
    SOFT_RST = 0x3D
    HAND_SHAKE = 0x40
    LIGHT_ON = 0x50
    LIGHT_OFF = 0x51
    IMAGE_NO_LIGHT = 0x52  # as GenImg, the light left alone
    GET_ECHO = 0x53
    AUTO_LOGIN = 0x54
    AUTO_SEARCH = 0x55
    RESIDUAL_SEARCH = 0x56  # Search that also judges whether a print was left on the glass


class SocOp(IntEnum):
    """What the newer Synochip modules mean by codes that GROW uses for something else."""

    CHIP_SERIAL = 0x34
    HAND_SHAKE = 0x35
    FACTORY_RESET = 0x3B
    LED = 0x3C
    IMAGE_INFO = 0x3D
    SEARCH_NOW = 0x3E


class Code(IntEnum):
    """Confirmation codes: the first byte of a reply."""

    OK = 0x00
    BAD_PACKET = 0x01
    NO_FINGER = 0x02
    CAPTURE_FAILED = 0x03
    TOO_DRY = 0x04
    TOO_WET = 0x05
    TOO_MESSY = 0x06
    TOO_FEW_FEATURES = 0x07
    NO_MATCH = 0x08
    NOT_FOUND = 0x09
    NOT_MERGED = 0x0A
    PAGE_OUT_OF_RANGE = 0x0B
    TEMPLATE_UNREADABLE = 0x0C
    UPLOAD_FAILED = 0x0D
    NO_DATA_WANTED = 0x0E
    IMAGE_UPLOAD_FAILED = 0x0F
    DELETE_FAILED = 0x10
    EMPTY_FAILED = 0x11
    NO_LOW_POWER = 0x12
    WRONG_PASSWORD = 0x13
    RESET_FAILED = 0x14
    NO_IMAGE = 0x15
    FIRMWARE_FAILED = 0x16
    RESIDUAL_PRINT = 0x17
    FLASH_FAULT = 0x18
    UNDEFINED = 0x19
    BAD_REGISTER = 0x1A
    BAD_VALUE = 0x1B
    BAD_NOTEPAD_PAGE = 0x1C
    PORT_FAILED = 0x1D
    ENROLL_FAILED = 0x1E
    LIBRARY_FULL = 0x1F
    WRONG_ADDRESS = 0x20
    NOT_VERIFIED = 0x21
    TEMPLATE_EMPTY = (
        0x22  # GROW: template empty; Synochip: not empty; ZFM-70: print left on the glass
    )
    NO_VALID_TEMPLATE = 0x23
    LIBRARY_EMPTY = 0x24  # GROW, Synochip: library empty; ZFM-70: finger already stored
    WRONG_PRESSES = 0x25
    MODULE_TIMEOUT = 0x26
    ALREADY_STORED = 0x27
    RELATED = 0x28  # features belong to another template
    SENSOR_FAULT = 0x29
    INFO_NOT_EMPTY = 0x2A
    INFO_EMPTY = 0x2B
    SECURITY_2C = 0x2C  # 2C-32: one-time memory, keys, encryption of the newer Synochip modules
    SECURITY_2D = 0x2D
    SECURITY_2E = 0x2E
    SECURITY_2F = 0x2F
    SECURITY_30 = 0x30
    SECURITY_31 = 0x31
    SECURITY_32 = 0x32
    AREA_TOO_SMALL = 0x33
    FOREIGN_OBJECT = 0x34
    ILLEGAL_DATA = 0x35
    SECOND_NO_FINGER = 0x41  # 41-45: R30x, the second press
    SECOND_CAPTURE_FAILED = 0x42
    SECOND_TOO_FEW_FEATURES = 0x43
    SECOND_TOO_MESSY = 0x44
    SECOND_ALREADY_STORED = 0x45
    ECHO = 0x55
    FIRST_PRESS_DONE = 0x56
    SECOND_PRESS_DONE = 0x57
    BURN_F0 = 0xF0  # F0-F6: answers of BurnCode
    BURN_F1 = 0xF1
    BURN_SUM = 0xF2
    BURN_HEADER = 0xF3
    BURN_LENGTH = 0xF4
    BURN_TOO_LONG = 0xF5
    BURN_WRITE = 0xF6
    NOT_SUPPORTED = 0xFC  # Synochip: blocked
    HARDWARE_FAULT = 0xFD  # Synochip: bad parameter
    FAILED = 0xFE  # Synochip: module not open


class Parameter(IntEnum):
    """Numbers of what SetSysPara can set."""

    BAUD = 4  # N, speed 9600 * N
    SECURITY = 5  # 1 (loosest) .. 5
    PACKET_SIZE = 6  # code, see PACKET_SIZES


class Wait(IntEnum):
    """How long AutoLogin and AutoSearch wait for a finger (ZFM-70 manual, page 30)."""

    S_2 = 0x1F
    S_2_5 = 0x26
    S_3 = 0x2E
    S_3_5 = 0x36
    S_4 = 0x3E
    S_4_5 = 0x45
    S_5 = 0x4D
    S_5_5 = 0x55


class Ring(IntEnum):
    """What the R503's light ring does."""

    BREATHE = 1
    FLASH = 2
    ON = 3
    OFF = 4
    FADE_ON = 5
    FADE_OFF = 6


class Colour(IntEnum):
    """Of the ring; from GREEN on since R503 V1.2 (2021-10)."""

    RED = 1
    BLUE = 2
    PURPLE = 3
    GREEN = 4
    YELLOW = 5
    CYAN = 6
    WHITE = 7
