"""Draw one held-out digit of each kind as a PNG beside this file, its truth as the name: zero.png to nine.png."""

from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MAGNIFICATION = 4  # 32x32, the size that the digits were written in


def main() -> None:
    """Write the ten pictures, white ink on black."""
    rows = np.loadtxt(HERE.parent / "digits" / "heldout.csv", delimiter=",", skiprows=1)
    for digit, name in enumerate(NAMES):
        image = rows[rows[:, 0] == digit][0, 1:].reshape(8, 8)
        large = np.kron(image, np.ones((MAGNIFICATION, MAGNIFICATION)))
        picture = Image.fromarray((large * (255 / 16)).round().astype(np.uint8))
        picture.quantize(17).save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
