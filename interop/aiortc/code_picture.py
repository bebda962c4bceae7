"""The code in the upper eighth of a test picture, as docs/test-picture.md describes it."""

WIDTH = 320
HEIGHT = 240
CODES = 1 << 24

COLUMNS = 20
MARKERS = {0: True, 1: False, 18: False, 19: True}
BLACK, WHITE = bytes([16]), bytes([235])


def crc(value):
    result = 0xFF
    for shift in (16, 8, 0):
        result ^= value >> shift & 0xFF
        for _ in range(8):
            result = (result << 1 ^ 0x07 if result & 0x80 else result << 1) & 0xFF
    return result


def paint(value, stride):
    """A plane of brightness: the code, and grey below it."""
    word = value << 8 | crc(value)
    rows = []
    for row in range(2):
        cells = b"".join(
            (WHITE if _is_white(word, row, column) else BLACK) * (WIDTH // COLUMNS) for column in range(COLUMNS)
        )
        rows.append(cells.ljust(stride, BLACK) * (HEIGHT // 16))
    return b"".join(rows) + bytes([110]) * (stride * (HEIGHT - HEIGHT // 8))


def _is_white(word, row, column):
    if column in MARKERS:
        return MARKERS[column] != (row == 1)
    return word >> (31 - (16 * row + column - 2)) & 1 == 1


def read(frame):
    """The code in a picture; None when there is none."""
    luma = frame.planes[0]
    pixels = memoryview(bytes(luma))
    word = 0
    for row in range(2):
        for column in range(COLUMNS):
            white = _looks_white(pixels, luma.line_size, frame.width, frame.height, row, column)
            if column not in MARKERS:
                word = word << 1 | white
            elif white != (MARKERS[column] != (row == 1)):
                return None
    value = word >> 8
    return value if word & 0xFF == crc(value) else None


def _looks_white(pixels, stride, width, height, row, column):
    left, right = (4 * column + 1) * width // 80, (4 * column + 3) * width // 80
    top, bottom = (4 * row + 1) * height // 64, (4 * row + 3) * height // 64
    total = sum(sum(pixels[y * stride + left : y * stride + right]) for y in range(top, bottom))
    return total > 127 * (right - left) * (bottom - top)
