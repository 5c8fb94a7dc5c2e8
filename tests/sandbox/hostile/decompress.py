"""A few bytes that unpack to gigabytes: memory that is asked for by a library, not by the program."""
import zlib

packer = zlib.compressobj(1)
zeros = bytes(1 << 20)
packed = b"".join(packer.compress(zeros) for _ in range(64)) + packer.flush()
print(len(packed), "bytes", flush=True)
kept = []
while True:
    kept.append(zlib.decompress(packed))
