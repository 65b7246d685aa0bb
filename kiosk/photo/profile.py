# SPDX-License-Identifier: Apache-2.0
"""Portrait formats as data.

GA 461-2004 as several public notices quote it; its text was not seen. It is listed as replaced by
GA/T 461-2019, whose geometry could not be established: hence a profile and not constants.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Lengths in pixels of the portrait unless the name says otherwise.

    `face_width_factor` turns the mesh's cheek-to-cheek width into the standard's "face width",
    which it does not define: 1.0 reads it as cheek to cheek, about 1.2 as ear to ear.
    """

    name: str
    width: int = 358
    height: int = 441
    dpi: int = 350
    face_width: int = 207
    face_width_tolerance: int = 14
    face_width_factor: float = 1.0
    top: int = 14  # hair to upper edge, aim
    top_least: int = 7
    top_most: int = 21
    eyes_to_bottom: int = 207  # at least; wins over the top margin
    chin_to_bottom: int = 20
    quality: int = 70
    bytes_least: int = 14_000
    bytes_most: int = 20_000


PROFILES = {"ga461_2004": Profile("ga461_2004")}
