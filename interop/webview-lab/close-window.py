"""close-window.py ID: asks a window to close, as the button in its title bar does, which a screen without a window manager lacks."""

import ctypes
import sys

CLIENT_MESSAGE = 33


class ClientMessage(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 24),
    ]


x11 = ctypes.CDLL("libX11.so.6")
x11.XOpenDisplay.restype = ctypes.c_void_p
x11.XInternAtom.restype = ctypes.c_ulong
display = ctypes.c_void_p(x11.XOpenDisplay(None))
atom = lambda name: x11.XInternAtom(display, name, 0)
window = ctypes.c_ulong(int(sys.argv[1]))
message = ClientMessage(
    type=CLIENT_MESSAGE,
    window=window,
    message_type=atom(b"WM_PROTOCOLS"),
    format=32,
    data=(ctypes.c_long * 5)(atom(b"WM_DELETE_WINDOW")),
)
if not x11.XSendEvent(display, window, 0, 0, ctypes.byref(message)):
    sys.exit("the window is not there")
x11.XCloseDisplay(display)
