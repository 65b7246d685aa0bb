# SPDX-License-Identifier: Apache-2.0
"""Numbers and geometry of the 468-point face mesh.

Point numbers: google-ai-edge/mediapipe, ``face_mesh_connections.py``; the canonical face in
centimetres: ``modules/face_geometry/data/canonical_face_model.obj`` of the same repository.
"""

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo.faces import Points, Pose

RIGHT_EYE = (33, 133)  # outer, inner corner
LEFT_EYE = (362, 263)  # inner, outer corner
NOSE_TIP = 1
CHIN = 152
FOREHEAD = 10  # top of the mesh, not the hair
MOUTH = (61, 291)
INNER_LIPS = ((81, 178), (13, 14), (311, 402))
CHEEKS = (234, 454)
BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
_JAW_RIGHT = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152)
_JAW_LEFT = (377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356)
JAW = (*_JAW_RIGHT, *_JAW_LEFT)
RIGHT_EYE_RING = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
LEFT_EYE_RING = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
MIRRORED = {  # the same place on the other half of the face, for the points that place a portrait
    **{33: 263, 133: 362, 362: 133, 263: 33},
    **{234: 454, 454: 234, 152: 152},
}
EYE_RINGS = (RIGHT_EYE_RING, LEFT_EYE_RING)
LID_PAIRS = (  # upper and lower lid opposite each other, right eye then left eye
    ((160, 144), (159, 145), (158, 153)),
    ((385, 380), (386, 374), (387, 373)),
)

_CANONICAL = {  # cm; x right in the picture, y up, z towards the camera
    1: (0.0, -1.127, 7.476),
    33: (-4.446, 2.664, 3.173),
    133: (-1.856, 2.585, 3.758),
    61: (-2.456, -4.343, 4.284),
    10: (0.0, 8.262, 4.482),
    234: (-7.664, 0.673, -2.436),
    6: (0.0, 2.473, 5.789),
    152: (0.0, -9.403, 4.264),
    263: (4.446, 2.664, 3.173),
    362: (1.856, 2.585, 3.758),
    291: (2.456, -4.343, 4.284),
    168: (0.0, 3.271, 5.236),
    454: (7.664, 0.673, -2.436),
    199: (0.0, -7.942, 5.181),
}
_RIGID = tuple(_CANONICAL)
_MODEL = np.array(list(_CANONICAL.values())) * (1.0, -1.0, -1.0)  # to y down, z away


def eye_centres(mesh: Points) -> Points:
    """2x2: middle of the right eye's corners, middle of the left eye's corners."""
    right = mesh[list(RIGHT_EYE), :2].mean(axis=0)
    left = mesh[list(LEFT_EYE), :2].mean(axis=0)
    return np.array([right, left])


def pose_of(mesh: Points) -> Pose:
    """Head angles by a rigid fit (Kabsch) of fourteen points to the canonical face.

    The rotation is taken apart as Rz(roll) Ry(yaw) Rx(pitch); with the other order roll leaks into
    yaw by up to 6 degrees.
    """
    seen = mesh[list(_RIGID)]
    a = _MODEL - _MODEL.mean(axis=0)
    b = seen - seen.mean(axis=0)
    u, _sizes, vt = np.linalg.svd(a.T @ b)
    flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(vt.T @ u.T))])
    r = vt.T @ flip @ u.T
    yaw = np.arcsin(np.clip(-r[2, 0], -1.0, 1.0))
    pitch = np.arctan2(r[2, 1], r[2, 2])
    roll = np.arctan2(r[1, 0], r[0, 0])
    return Pose(*(float(np.degrees(angle)) for angle in (yaw, pitch, roll)))


def square_crop(
    image: npt.NDArray[np.uint8],
    centre: npt.NDArray[np.float64],
    side: float,
    angle: float,
    size: int,
    border: int,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """A turned square of the picture as `size` x `size`, and the 2x3 way back to the picture.

    Args:
        image: HxWx3 uint8.
        centre: middle of the square, pixels.
        side: its side, pixels.
        angle: radians, clockwise in the picture; the square's rows run along it.
        size: side of the result, pixels.
        border: an OpenCV border mode for what lies outside.
    """
    scale = side / size
    c, s = np.cos(angle) * scale, np.sin(angle) * scale
    half = size / 2.0
    back = np.array(
        [
            [c, -s, centre[0] - c * half + s * half],
            [s, c, centre[1] - s * half - c * half],
        ]
    )
    crop = cv2.warpAffine(
        image, back, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=border
    )
    return np.asarray(crop, dtype=np.uint8), back


def apply(affine: npt.NDArray[np.float64], points: Points) -> Points:
    """`points` (Nx2) through a 2x3 affine."""
    return points @ affine[:, :2].T + affine[:, 2]
