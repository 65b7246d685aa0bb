# SPDX-License-Identifier: Apache-2.0
"""Kinds of modules: sizes, instructions and how long each act takes.

Sizes: R503 manual V1.2.2 page 1; R30X and ZFM-70 manuals; AS608 board sheets. Times: the log in
brianrho/FPM issue 18 (optical: 590 ms image, 392 ms features), R503 manual page 1 (image < 0.2 s,
features < 0.5 s), fixed waits of the libdriver AS608 driver; those not published are estimates.
The newer Synochip branch is that of m5stack/M5Unit-Fingerprint2; its sizes here are an example.
"""

from dataclasses import dataclass, field
from typing import Final

from firmware_io.codecs.ef01_tables import Op, SocOp

_SYNOCHIP_ONLY: Final = frozenset({Op.ENROLL, Op.IDENTIFY, Op.GEN_BIN_IMAGE, Op.USER_GPIO})
# BurnCode would replace the firmware: no module here has it.
_COMMON: Final = (
    frozenset(op for op in Op if op <= Op.READ_INDEX_TABLE) - _SYNOCHIP_ONLY - {Op.BURN_CODE}
)
_R503_ONLY: Final = frozenset(
    op for op in Op if Op.GET_IMAGE_EX <= op <= Op.HAND_SHAKE and op != Op.GET_ENROLL_IMAGE
)
# The newer Synochip modules; what they mean by codes that the R503 uses otherwise is `soc_ops`.
_SOC_ONLY: Final = frozenset({Op.GET_ENROLL_IMAGE, Op.CANCEL, Op.CHECK_SENSOR})
_ZFM_ONLY: Final = frozenset(op for op in Op if Op.LIGHT_ON <= op <= Op.RESIDUAL_SEARCH)


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of module. Times in seconds (a pair is drawn from evenly), sizes in bytes."""

    name: str
    system_id: int
    width_px: int
    height_px: int
    char_bytes: int  # features of one press
    template_bytes: int  # after merging
    flash_pages: int
    buffers: int
    ops: frozenset[Op]
    rates: frozenset[int]  # N of 9600 * N that it accepts
    wet_and_dry: bool  # knows codes 04, 05 and 17
    start_s: float
    no_finger_s: float
    image_s: tuple[float, float]
    features_s: tuple[float, float]
    search_s: float
    search_each_s: float
    gap_s: float  # between data packets
    times_s: dict[Op, float] = field(default_factory=dict)
    soc_ops: frozenset[SocOp] = frozenset()  # these codes have the newer Synochip meaning

    @property
    def image_bytes(self) -> int:
        """Size of an uploaded image: 4 bits a pixel."""
        return self.width_px * self.height_px // 2

    def time_s(self, op: Op) -> float:
        """Duration of an instruction that takes always the same."""
        return self.times_s.get(op, 0.002)


_OPTICAL_TIMES: Final = {
    Op.MATCH: 0.030,
    Op.REG_MODEL: 0.060,
    Op.STORE: 0.060,
    Op.LOAD_CHAR: 0.020,
    Op.DELET_CHAR: 0.060,
    Op.EMPTY: 0.150,
    Op.SET_PWD: 0.050,
    Op.SET_SYS_PARA: 0.050,
    Op.SET_ADDER: 0.050,
    Op.WRITE_NOTEPAD: 0.050,
}
_R503_TIMES: Final = {
    Op.MATCH: 0.010,
    Op.REG_MODEL: 0.040,
    Op.STORE: 0.040,
    Op.LOAD_CHAR: 0.010,
    Op.DELET_CHAR: 0.040,
    Op.EMPTY: 0.120,
    Op.SET_PWD: 0.030,
    Op.SET_SYS_PARA: 0.030,
    Op.SET_ADDER: 0.030,
    Op.WRITE_NOTEPAD: 0.030,
}

PROFILES: Final = {
    profile.name: profile
    for profile in (
        Profile(
            name="optical",
            system_id=9,
            width_px=256,
            height_px=288,
            char_bytes=512,
            template_bytes=512,
            flash_pages=200,
            buffers=2,
            ops=_COMMON | _ZFM_ONLY,
            rates=frozenset(range(1, 13)),
            wet_and_dry=False,
            start_s=0.300,
            no_finger_s=0.003,
            image_s=(0.350, 0.600),
            features_s=(0.300, 0.400),
            search_s=0.030,
            search_each_s=0.001,
            gap_s=0.001,
            times_s=_OPTICAL_TIMES,
        ),
        Profile(
            name="as608",
            system_id=9,
            width_px=256,
            height_px=288,
            char_bytes=512,
            template_bytes=512,
            flash_pages=300,
            buffers=2,
            ops=_COMMON | _SYNOCHIP_ONLY,
            rates=frozenset(range(1, 13)),
            wet_and_dry=True,
            start_s=0.300,
            no_finger_s=0.003,
            image_s=(0.350, 0.600),
            features_s=(0.300, 0.400),
            search_s=0.030,
            search_each_s=0.001,
            gap_s=0.001,
            times_s=_OPTICAL_TIMES,
        ),
        Profile(
            name="r503",
            system_id=0,
            width_px=192,
            height_px=192,
            char_bytes=512,
            template_bytes=1536,
            flash_pages=200,
            buffers=6,
            ops=_COMMON | _R503_ONLY,
            rates=frozenset({1, 2, 4, 6, 12}),
            wet_and_dry=False,
            start_s=0.050,
            no_finger_s=0.003,
            image_s=(0.120, 0.200),
            features_s=(0.250, 0.450),
            search_s=0.005,
            search_each_s=0.005,
            gap_s=0.0005,
            times_s=_R503_TIMES,
        ),
        Profile(
            name="soc",
            system_id=768,  # this branch tells its template's size here
            width_px=160,
            height_px=160,
            char_bytes=384,
            template_bytes=768,
            flash_pages=100,
            buffers=6,
            ops=_COMMON | _SOC_ONLY,
            rates=frozenset(range(1, 13)),
            wet_and_dry=True,
            start_s=0.100,
            no_finger_s=0.003,
            image_s=(0.150, 0.250),
            features_s=(0.250, 0.400),
            search_s=0.005,
            search_each_s=0.005,
            gap_s=0.0005,
            times_s=_R503_TIMES,
            soc_ops=frozenset({SocOp.HAND_SHAKE, SocOp.LED}),
        ),
    )
}
