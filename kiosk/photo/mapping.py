# SPDX-License-Identifier: Apache-2.0
"""The quality mappings of ISO/IEC 29794-5: native value of a measure to a score of 0..100.

One pure function a measure, as the standard's reference implementation computes it (BSI
OFIQ-Project 1.0.3, commit a16a990e, ``OFIQlib/modules/measures`` and ``data/ofiq_config.jaxn``;
formulas only, words and code are our own). Each takes a finite number, rounds half away from zero
and stays within 0..100; 100 is best. `MAPPINGS` knows them by the reference's names.

A native value made with other landmarks or another network than the reference's gives a score that
is not the reference's, though its mapping is: `kiosk.photo.measures` says which ones these are.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

_EXP_MOST = 700.0  # beyond it exp() leaves the range of a double; the sigmoid is 0 or 1 there


def sigmoid(x: float, x0: float, w: float) -> float:
    """1 / (1 + exp((x0 - x) / w)): 0..1, one half at `x0`, steeper for a smaller `w` > 0."""
    return 1.0 / (1.0 + math.exp(min(max((x0 - x) / w, -_EXP_MOST), _EXP_MOST)))


def score(value: float) -> int:
    """`value` rounded half away from zero and kept within 0..100."""
    return math.floor(min(max(value, 0.0), 100.0) + 0.5)


def unified_quality_score(magnitude: float) -> int:
    """Length of a face recognition feature vector (MagFace), about 10..35."""
    return score(100 * sigmoid(magnitude, 23.0, 2.6))


def background_uniformity(gradient: float) -> int:
    """Mean length of the Scharr gradient of linear light 0..255 behind the person, 0 and up.

    A plain blue wall gets 98: evenness is not whiteness.
    """
    return score(190 * (1 - sigmoid(gradient, 10.0, 100.0)))


def illumination_uniformity(overlap: float) -> int:
    """Common area 0..1 of the two cheeks' histograms of linear light.

    Raises:
        ValueError: `overlap` is below 0; the formula is a power.
    """
    if overlap < 0:
        raise ValueError("is 0 or more")
    return score(100 * overlap**0.3)


def luminance_mean(mean: float) -> int:
    """Mean linear light of the face, 0..1."""
    return score(100 * sigmoid(mean, 0.2, 0.05) * (1 - sigmoid(mean, 0.8, 0.05)))


def luminance_variance(variance: float) -> int:
    """Variance of the face's linear light 0..1: 0 .. 0.25.

    Raises:
        ValueError: `variance` is below 0.
    """
    if variance < 0:
        raise ValueError("is 0 or more")
    return score(100 * math.sin(math.pi * (1 - 1 / (60 * variance + 1))))


def under_exposure_prevention(share: float) -> int:
    """Share 0..1 of the face with linear light 0..25 of 255."""
    return score(120 * (0.832 - sigmoid(share, 0.92, 0.05)))


def over_exposure_prevention(share: float) -> int:
    """Share 0..1 of the face with linear light 247..255 of 255.

    Raises:
        ValueError: `share` is below 0.
    """
    if share < 0:
        raise ValueError("is 0 or more")
    return score(1 / (share + 0.01))


def dynamic_range(entropy: float) -> int:
    """Entropy of the face's histogram of linear light, 0..8 bits."""
    return score(12.5 * entropy)


def sharpness(trees: float) -> int:
    """Trees of the reference's forest that call the face sharp, -100 .. 100; not computed here."""
    return score(-14 + 115 * sigmoid(trees, -20.0, 15.0))


def compression_artifacts(similarity: float) -> int:
    """Structural similarity 0..1 that the reference's network estimates; not computed here."""
    return score(-0.0278 + 103 * sigmoid(similarity, 0.3308, 0.092))


def natural_colour(distance: float) -> int:
    """Distance of the cheeks' CIELAB a, b from 5..25, 5..35; 100 when a or b is negative.

    A picture without any colour reads as 0, which is the best: that has to be told apart.
    """
    return score(200 * (1 - sigmoid(distance, 0.0, 10.0)))


def single_face_present(ratio: float) -> int:
    """Area of the second largest face over that of the largest, 0..1; 0 with one face."""
    return score(100 * (1 - ratio))


def eyes_open(opening: float) -> int:
    """Largest distance between the lids of the narrower eye / distance from eyes to chin."""
    return score(100 * sigmoid(opening, 0.02, 0.01))


def mouth_closed(opening: float) -> int:
    """Largest distance between the inner lips / distance from eyes to chin."""
    return score(100 * (1 - sigmoid(opening, 0.2, 0.06)))


def eyes_visible(covered: float) -> int:
    """Share 0..1 of the eyes' zones that something covers."""
    return score(100 * (1 - covered))


def mouth_occlusion_prevention(covered: float) -> int:
    """Share 0..1 of the mouth that something covers."""
    return score(100 * (1 - covered))


def face_occlusion_prevention(covered: float) -> int:
    """Share 0..1 of the face that something covers."""
    return score(100 * (1 - covered))


def inter_eye_distance(pixels: float) -> int:
    """Distance between the eyes' centres in pixels of the original, divided by cos(yaw)."""
    return score(100 * sigmoid(pixels, 70.0, 20.0))


def head_size(ratio: float) -> int:
    """Distance from eyes to chin / height of the picture; best at 0.45, a passport's framing."""
    return score(200 * (1 - sigmoid(abs(ratio - 0.45), 0.0, 0.05)))


def leftward_crop(ratio: float) -> int:
    """Distance of the image-right eye from the left border / distance between the eyes."""
    return score(100 * sigmoid(ratio, 0.9, 0.1))


def rightward_crop(ratio: float) -> int:
    """Distance of the image-left eye from the right border / distance between the eyes."""
    return score(100 * sigmoid(ratio, 0.9, 0.1))


def margin_above(ratio: float) -> int:
    """Distance of the eyes from the upper border / distance from eyes to chin."""
    return score(100 * sigmoid(ratio, 1.4, 0.1))


def margin_below(ratio: float) -> int:
    """Distance of the eyes from the lower border / distance from eyes to chin."""
    return score(100 * sigmoid(ratio, 1.8, 0.1))


def head_pose(degrees: float) -> int:
    """Yaw, pitch or roll in degrees; beyond a right angle 0."""
    return score(100 * max(0.0, math.cos(math.radians(degrees))) ** 2)


def expression_neutrality(votes: float) -> int:
    """Sum of the reference's boosted classifiers, about -20000..20000; not computed here."""
    return score(100 * sigmoid(votes, -5000.0, 5000.0))


def no_head_coverings(share: float) -> int:
    """Share 0..1 of the upper picture that the reference's network parses as hat or cloth."""
    if share <= 0.0:
        return 100
    if share >= 0.95:
        return 0
    least, most = (sigmoid(end, 0.02, 0.1) for end in (0.0, 0.95))
    return score(100 * (most - sigmoid(share, 0.02, 0.1)) / (most - least))


MAPPINGS: Mapping[str, Callable[[float], int]] = MappingProxyType(
    {
        "UnifiedQualityScore": unified_quality_score,
        "BackgroundUniformity": background_uniformity,
        "IlluminationUniformity": illumination_uniformity,
        "LuminanceMean": luminance_mean,
        "LuminanceVariance": luminance_variance,
        "UnderExposurePrevention": under_exposure_prevention,
        "OverExposurePrevention": over_exposure_prevention,
        "DynamicRange": dynamic_range,
        "Sharpness": sharpness,
        "CompressionArtifacts": compression_artifacts,
        "NaturalColour": natural_colour,
        "SingleFacePresent": single_face_present,
        "EyesOpen": eyes_open,
        "MouthClosed": mouth_closed,
        "EyesVisible": eyes_visible,
        "MouthOcclusionPrevention": mouth_occlusion_prevention,
        "FaceOcclusionPrevention": face_occlusion_prevention,
        "InterEyeDistance": inter_eye_distance,
        "HeadSize": head_size,
        "LeftwardCropOfTheFaceImage": leftward_crop,
        "RightwardCropOfTheFaceImage": rightward_crop,
        "MarginAboveOfTheFaceImage": margin_above,
        "MarginBelowOfTheFaceImage": margin_below,
        "HeadPoseYaw": head_pose,
        "HeadPosePitch": head_pose,
        "HeadPoseRoll": head_pose,
        "ExpressionNeutrality": expression_neutrality,
        "NoHeadCoverings": no_head_coverings,
    }
)
"""Every measure of the reference implementation by its name there, in the order of its table."""


def mapped(measure: str, value: float) -> int:
    """The score of a native `value` of `measure`, a name of `MAPPINGS`.

    Raises:
        KeyError: there is no such measure.
        ValueError: the mapping is not defined there (not finite, below 0 under a power ...).
    """
    mapping = MAPPINGS[measure]
    if not math.isfinite(value):
        raise ValueError("is a finite number")
    return mapping(value)
