"""One port for two servers on Linux: Envoy gets every connection while it listens, the activator while it does not."""

import ctypes
import socket
import struct

from poorwill.local.path.activator_path import bind

_SO_ATTACH_REUSEPORT_CBPF = 51  # asm-generic/socket.h
_RETURN_1 = struct.pack("HBBI", 0x06, 0, 0, 1)  # linux/bpf_common.h: BPF_RET | BPF_K


def bind_beside(port: int) -> socket.socket:
    """Return a socket on a port of loopback that another server of the same user may listen on, too.

    The kernel asks the program for the number of the socket that gets a connection, counted from 0 in the order in
    which they began to listen. The answer 1 is Envoy. Where there is no such socket, the kernel takes one that there
    is: ours. So no connection is refused while Envoy starts, or after it was killed.
    """
    bound = bind(port)  # alone: a port that somebody has is still an error
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    code = ctypes.create_string_buffer(_RETURN_1)
    program = struct.pack("@HP", len(_RETURN_1) // 8, ctypes.addressof(code))
    bound.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_REUSEPORT_CBPF, program)
    return bound
