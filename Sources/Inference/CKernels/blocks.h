// The blocks of ggml's formats, and how to read their packed parts. The layouts are those of ggml-quants, as
// documented in the GGUF specification; Tests/Inference/WeightsTests checks them against fixtures made with the
// `gguf` Python package. Rows in a file need not be aligned, so blocks must be read only through memcpy or through
// these packed structs.

#ifndef CK_BLOCKS_H
#define CK_BLOCKS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CK_PACKED __attribute__((packed, aligned(1)))

typedef struct CK_PACKED {
    uint16_t d;     // f16 scale
    uint8_t qs[16]; // element i in the low half of byte i, element i + 16 in the high half; minus 8
} ck_block_q4_0;

typedef struct CK_PACKED {
    uint16_t d;     // f16 scale
    uint8_t qh[4];  // bit i: fifth bit of element i
    uint8_t qs[16]; // as in q4_0; minus 16
} ck_block_q5_0;

typedef struct CK_PACKED {
    uint16_t d; // f16 scale
    int8_t qs[32];
} ck_block_q8_0;

typedef struct CK_PACKED {
    uint16_t d;         // f16 scale of the scales
    uint16_t dmin;      // f16 scale of the minima
    uint8_t scales[12]; // eight 6-bit scales and eight 6-bit minima, see ck_k_scale
    uint8_t qs[128];    // 32 bytes hold the groups 2i (low halves) and 2i + 1 (high halves)
} ck_block_q4_k;

typedef struct CK_PACKED {
    uint16_t d;
    uint16_t dmin;
    uint8_t scales[12];
    uint8_t qh[32]; // bit g of byte i: fifth bit of element i of group g
    uint8_t qs[128];
} ck_block_q5_k;

typedef struct CK_PACKED {
    uint8_t ql[128];   // low four bits, see scalar.c
    uint8_t qh[64];    // high two bits
    int8_t scales[16]; // one for each 16 elements
    uint16_t d;        // f16 scale of the scales
} ck_block_q6_k;

_Static_assert(sizeof(ck_block_q4_0) == 18, "q4_0");
_Static_assert(sizeof(ck_block_q5_0) == 22, "q5_0");
_Static_assert(sizeof(ck_block_q8_0) == 34, "q8_0");
_Static_assert(sizeof(ck_block_q4_k) == 144, "q4_k");
_Static_assert(sizeof(ck_block_q5_k) == 176, "q5_k");
_Static_assert(sizeof(ck_block_q6_k) == 210, "q6_k");

#define CK_INLINE static inline __attribute__((always_inline, unused))

CK_INLINE float ck_float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

CK_INLINE uint32_t ck_bits_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

CK_INLINE uint16_t ck_load_u16(const void *at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

CK_INLINE float ck_load_f32(const void *at) {
    float value;
    memcpy(&value, at, sizeof value);
    return value;
}

CK_INLINE float ck_float_from_bf16(uint16_t bits) { return ck_float_from_bits((uint32_t)bits << 16); }

// f16 -> f32 in plain arithmetic: exact, even for subnormals; NaNs become quiet, as with the F16C instructions.
CK_INLINE float ck_float_from_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    uint32_t magnitude = half & 0x7fffu;
    if (magnitude >= 0x7c00u) {
        uint32_t quiet = magnitude > 0x7c00u ? 0x400000u : 0;
        return ck_float_from_bits(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13 | quiet);
    }
    if (magnitude < 0x400u) {
        float value = (float)magnitude * 0x1p-24f;
        return ck_float_from_bits(sign | ck_bits_from_float(value));
    }
    return ck_float_from_bits(sign | ((magnitude << 13) + 0x38000000u));
}

// f32 -> f16, rounded to nearest even.
CK_INLINE uint16_t ck_half_from_float(float value) {
    uint32_t bits = ck_bits_from_float(value);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000u);
    uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return sign | 0x7e00u | (uint16_t)(magnitude >> 13 & 0x3ffu);
    if (magnitude >= 0x477ff000u) return sign | 0x7c00u; // 65520 and above round to infinity
    if (magnitude < 0x38800000u) {
        // Below the smallest normal half: adding 0.5 leaves the rounded subnormal in the low mantissa bits.
        float shifted = ck_float_from_bits(magnitude) + 0.5f;
        return sign | (uint16_t)(ck_bits_from_float(shifted) - 0x3f000000u);
    }
    uint32_t odd = magnitude >> 13 & 1;
    return sign | (uint16_t)((magnitude - 0x38000000u + 0xfffu + odd) >> 13);
}

// The 6-bit scale and minimum of group g (0...7) of a q4_K or q5_K block. Those of the first four groups are the low
// six bits of bytes g and g + 4. The others have their low four bits in the two halves of byte g + 4, and their high
// two bits in the top bits of bytes g - 4 and g.
CK_INLINE void ck_k_scale(const uint8_t scales[12], size_t g, uint8_t *scale, uint8_t *minimum) {
    if (g < 4) {
        *scale = scales[g] & 63;
        *minimum = scales[g + 4] & 63;
    } else {
        *scale = (uint8_t)((scales[g + 4] & 15) | (scales[g - 4] >> 6) << 4);
        *minimum = (uint8_t)(scales[g + 4] >> 4 | (scales[g] >> 6) << 4);
    }
}

#endif
