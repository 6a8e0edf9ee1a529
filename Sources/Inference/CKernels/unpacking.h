// What the forms that unpack blocks of weights in registers have in common.

#ifndef CK_UNPACKING_H
#define CK_UNPACKING_H

#define VECTORS (32 / LANES) // vectors in a group
#define UNROLL _Pragma("clang loop unroll(full)")

// What is prepared to unpack a block of 256: a weight is step[i] * q - base[i].
typedef struct {
    float step[16];
    float base[8];
} ck_scales;

// Unpacks the eight scales and minima of a q4_K or q5_K block as ck_k_scale does, but four at a time: byte g of the
// results belongs to group g.
CK_INLINE void ck_k_scales(const uint8_t scales[12], uint64_t *steps, uint64_t *bases) {
    uint32_t a, b, c;
    memcpy(&a, scales, 4);
    memcpy(&b, scales + 4, 4);
    memcpy(&c, scales + 8, 4);
    *steps = (a & 0x3f3f3f3fu) | (uint64_t)((c & 0x0f0f0f0fu) | (a >> 2 & 0x30303030u)) << 32;
    *bases = (b & 0x3f3f3f3fu) | (uint64_t)((c >> 4 & 0x0f0f0f0fu) | (b >> 2 & 0x30303030u)) << 32;
}

// Blocks of 32 have one scale, which needs no preparation.
#define prepare_q4_0(BLOCK, SCALES) ((void)(SCALES))
#define prepare_q5_0(BLOCK, SCALES) ((void)(SCALES))
#define prepare_q8_0(BLOCK, SCALES) ((void)(SCALES))

#endif
