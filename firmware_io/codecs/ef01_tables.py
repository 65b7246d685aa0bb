# SPDX-License-Identifier: Apache-2.0
"""Numbers of the EF01 fingerprint-module protocol, shared by the codec and the emulator.

Sources: "ZFM-70 Series Fingerprint Identification Module User Manual" (Hangzhou Zhian), "R503
Fingerprint Module User Manual" V1.2.2 (Hangzhou Grow, 2022-10), "R30X Series" manual (SFG), and
the AS608 driver of the libdriver project for the Synochip codes. All numbers are big-endian.
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
    SET_PWD = 0x12
    VFY_PWD = 0x13
    GET_RANDOM_CODE = 0x14
    SET_ADDER = 0x15
    READ_INF_PAGE = 0x16
    CONTROL = 0x17
    WRITE_NOTEPAD = 0x18
    READ_NOTEPAD = 0x19
    HI_SPEED_SEARCH = 0x1B
    TEMPLATE_NUM = 0x1D
    READ_INDEX_TABLE = 0x1F
    GET_IMAGE_EX = 0x28  # from here on the branches differ: know the module first
    CANCEL = 0x30
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
    GET_ECHO = 0x53


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
    WRONG_PASSWORD = 0x13
    NO_IMAGE = 0x15
    RESIDUAL_PRINT = 0x17
    FLASH_FAULT = 0x18
    UNDEFINED = 0x19
    BAD_REGISTER = 0x1A
    BAD_VALUE = 0x1B
    BAD_NOTEPAD_PAGE = 0x1C
    WRONG_ADDRESS = 0x20
    NOT_VERIFIED = 0x21
    SENSOR_FAULT = 0x29
    AREA_TOO_SMALL = 0x33
    FOREIGN_OBJECT = 0x34
    ECHO = 0x55


class Parameter(IntEnum):
    """Numbers of what SetSysPara can set."""

    BAUD = 4  # N, speed 9600 * N
    SECURITY = 5  # 1 (loosest) .. 5
    PACKET_SIZE = 6  # code, see PACKET_SIZES
