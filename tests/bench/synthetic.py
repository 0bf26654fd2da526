#!/usr/bin/env python3
"""Makes a seeded directory of many files: the same bytes for the same arguments, on any machine.

usage: tests/bench/synthetic.py [--files N] [--bytes N] [--seed N] DIR
Half of the bytes are words, half are noise, so that they compress about as a file system does (to a third). Sizes vary
from nothing to some twenty times their mean; each directory has 100 files, or a subdirectory for each hundred.
"""
import argparse
import os
import random

WORDS = ('the of and to in is it you that he was for on are with as his they be at one have this from or had by hot but '
         'some what there we can out other were all your when up use word how said an each she which do their time if will '
         'way about many then them would write like so these her long make thing see him two has look more day could go').split()


def make(directory, files, size, seed=1):
    rng = random.Random(seed)
    noise = rng.randbytes(1 << 20)
    text = ' '.join(rng.choice(WORDS) for _ in range(1 << 18)).encode()
    mean = size / max(1, files)
    # Sizes whose sum is `size`: exponential, scaled.
    shares = [rng.expovariate(1) for _ in range(files)]
    scale = size / sum(shares) if shares else 0
    for i in range(files):
        folder = '%s/d%02d/e%02d' % (directory, i // 10000, i // 100 % 100)
        if i % 100 == 0:
            os.makedirs(folder, exist_ok=True)
        length = int(shares[i] * scale) if mean else 0
        with open('%s/f%05d.txt' % (folder, i), 'wb') as f:
            f.write(piece(rng, text, noise, length))


def piece(rng, text, noise, length):
    out = bytearray()
    while len(out) < length:
        source = text if rng.random() < 0.7 else noise
        n = min(length - len(out), rng.randrange(64, 4096))
        start = rng.randrange(len(source) - n)
        out += source[start:start + n]
    return bytes(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--files', type=int, default=50000)
    parser.add_argument('--bytes', type=int, default=200 << 20)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('directory')
    args = parser.parse_args()
    make(args.directory, args.files, args.bytes, args.seed)


if __name__ == '__main__':
    main()
