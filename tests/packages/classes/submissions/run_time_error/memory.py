text = bytearray(256 << 20)
