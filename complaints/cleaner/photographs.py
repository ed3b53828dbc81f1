"""Photographs, drawn anew: what stays is what can be seen, and nothing that was written beside it."""

from __future__ import annotations

import copy
import warnings
from io import BytesIO

from PIL import (
    BmpImagePlugin, GifImagePlugin, Image, ImageCms, ImageColor, ImageFile, ImageOps, ImagePalette, JpegImagePlugin,
    MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin,
)  # fmt: skip

from complaints.cleaner.errors import Impossible

# The largest that telephones of today take unless asked (50 megapixels) is just below.
MOST_PIXELS = 50_000_000
LARGEST_EDGE = 30_000
QUALITY = 90
COMPRESSION = 4
JPEG, PNG = "image/jpeg", "image/png"
FORMATS = {
    JPEG: (JpegImagePlugin.JpegImageFile.format,),
    PNG: (PngImagePlugin.PngImageFile.format,),
    "image/webp": (WebPImagePlugin.WebPImageFile.format,),
    "image/gif": (GifImagePlugin.GifImageFile.format,),
    "image/tiff": (TiffImagePlugin.TiffImageFile.format,),
    "image/bmp": (BmpImagePlugin.BmpImageFile.format,),
}
AS_THEY_ARE = frozenset({"1", "L", "RGB"})
INTO_RGB = frozenset({"P", "CMYK", "YCbCr", "RGB"})

# What Pillow loads only when it meets a need for it: then nothing can be loaded any more.
LOADED = (copy, ImageColor, ImagePalette, MpoImagePlugin)
Image.preinit()
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False
warnings.simplefilter("error", Image.DecompressionBombWarning)


def redraw(content: bytes, kind: str) -> tuple[str, bytes]:
    """Return the type and bytes of the photograph alone; raises ``Impossible``, or what Pillow raises at broken ones.

    A file of several pictures is refused, for it would lose them, but for a JPEG's: there the others are previews and
    depths of the first.
    """
    formats = [each for each in FORMATS[kind] if each]
    with Image.open(BytesIO(content), formats=formats) as picture:
        _refuse_what_is_too_much(picture, kind)
        ImageOps.exif_transpose(picture, in_place=True)
        drawn = _plain(_in_srgb(picture))
    # Pillow would write a profile, a comment and a resolution again that it remembers.
    drawn.info.clear()
    return _written(drawn, JPEG if kind == JPEG or (kind == "image/webp" and drawn.mode == "RGB") else PNG)


def _refuse_what_is_too_much(picture: Image.Image, kind: str) -> None:
    if picture.width * picture.height > MOST_PIXELS or max(picture.size) > LARGEST_EDGE:
        raise Impossible
    if kind != JPEG and getattr(picture, "n_frames", 1) > 1:
        raise Impossible


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return the colours as every screen takes them; the profile that says otherwise may name a device."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return picture
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        ours = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, given, ours, outputMode="RGB") or picture
    except (ImageCms.PyCMSError, OSError):  # no profile that says anything
        return picture


def _plain(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        # By way of multiplied colours: whatever somebody has rubbed out to full transparency is still there otherwise.
        return picture.convert("RGBA").convert("RGBa").convert("RGBA")
    if picture.mode in AS_THEY_ARE:
        picture.load()
        return picture
    if picture.mode not in INTO_RGB:
        raise Impossible
    return picture.convert("RGB")


def _written(drawn: Image.Image, kind: str) -> tuple[str, bytes]:
    written = BytesIO()
    if kind == JPEG:
        drawn.save(written, "JPEG", quality=QUALITY)
    else:
        drawn.save(written, "PNG", compress_level=COMPRESSION)
    return kind, written.getvalue()
