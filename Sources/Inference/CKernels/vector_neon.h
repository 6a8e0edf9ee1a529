// A vector of eight floats, which the files that neon.c includes after this one are written in terms of. It is two
// registers, and every function adds up and compares lanes in the order of vector_avx2.h, so that both give the same
// bits; only NaNs may have other payloads and signs.

#ifndef CK_VECTOR_NEON_H
#define CK_VECTOR_NEON_H

#include "blocks.h"

#include <arm_neon.h>

#define LANES 8

typedef struct {
    float32x4_t low, high;
} vec;

CK_INLINE vec v_set1(float x) { return (vec){vdupq_n_f32(x), vdupq_n_f32(x)}; }

CK_INLINE vec v_load(const void *at) {
    uint8x16x2_t bytes = {{vld1q_u8(at), vld1q_u8((const uint8_t *)at + 16)}};
    return (vec){vreinterpretq_f32_u8(bytes.val[0]), vreinterpretq_f32_u8(bytes.val[1])};
}

CK_INLINE void v_store(float *at, vec x) {
    vst1q_f32(at, x.low);
    vst1q_f32(at + 4, x.high);
}

CK_INLINE vec v_add(vec a, vec b) { return (vec){vaddq_f32(a.low, b.low), vaddq_f32(a.high, b.high)}; }
CK_INLINE vec v_sub(vec a, vec b) { return (vec){vsubq_f32(a.low, b.low), vsubq_f32(a.high, b.high)}; }
CK_INLINE vec v_mul(vec a, vec b) { return (vec){vmulq_f32(a.low, b.low), vmulq_f32(a.high, b.high)}; }
CK_INLINE vec v_div(vec a, vec b) { return (vec){vdivq_f32(a.low, b.low), vdivq_f32(a.high, b.high)}; }

CK_INLINE vec v_fma(vec a, vec b, vec c) {
    return (vec){vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)};
}

CK_INLINE vec v_round(vec a) { return (vec){vrndnq_f32(a.low), vrndnq_f32(a.high)}; }

// a < b ? yes : no
CK_INLINE float32x4_t where_less(float32x4_t a, float32x4_t b, float32x4_t yes, float32x4_t no) {
    return vbslq_f32(vcltq_f32(a, b), yes, no);
}

CK_INLINE vec v_where_less(vec a, vec b, vec yes, vec no) {
    return (vec){where_less(a.low, b.low, yes.low, no.low), where_less(a.high, b.high, yes.high, no.high)};
}

// The larger of both; if one is NaN, b.
CK_INLINE vec v_max(vec a, vec b) { return v_where_less(b, a, a, b); }
CK_INLINE vec v_min(vec a, vec b) { return v_where_less(a, b, a, b); }

CK_INLINE vec v_absolute(vec a) { return (vec){vabsq_f32(a.low), vabsq_f32(a.high)}; }

// a with the sign of b; a must not be negative.
CK_INLINE vec v_with_sign(vec a, vec b) {
    const uint32x4_t sign = vdupq_n_u32(0x80000000u);
    return (vec){vbslq_f32(sign, b.low, a.low), vbslq_f32(sign, b.high, a.high)};
}

// A mask with one bit set for each lane in which a equals b.
CK_INLINE uint32_t v_equal(vec a, vec b) {
    const uint16x8_t bits = {1, 2, 4, 8, 16, 32, 64, 128};
    uint16x8_t equal = vcombine_u16(vmovn_u32(vceqq_f32(a.low, b.low)), vmovn_u32(vceqq_f32(a.high, b.high)));
    return vaddvq_u16(vandq_u16(equal, bits));
}

CK_INLINE float32x4_t scale_exponent(float32x4_t a, float32x4_t n) {
    int32x4_t bits = vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23);
    return vmulq_f32(a, vreinterpretq_f32_s32(bits));
}

// a * 2^n for whole n in -126...127.
CK_INLINE vec v_scale_exponent(vec a, vec n) {
    return (vec){scale_exponent(a.low, n.low), scale_exponent(a.high, n.high)};
}

CK_INLINE float v_sum(vec a) {
    float32x4_t s = vaddq_f32(a.low, a.high);
    float32x2_t pair = vadd_f32(vget_low_f32(s), vget_high_f32(s));
    return vget_lane_f32(pair, 0) + vget_lane_f32(pair, 1);
}

CK_INLINE float larger(float a, float b) { return a > b ? a : b; }

CK_INLINE float v_largest(vec a) {
    float32x4_t s = where_less(a.high, a.low, a.low, a.high);
    return larger(larger(vgetq_lane_f32(s, 0), vgetq_lane_f32(s, 2)),
                  larger(vgetq_lane_f32(s, 1), vgetq_lane_f32(s, 3)));
}

// Eight halves as floats.
CK_INLINE vec v_widen_f16(uint16x8_t halves) {
    float16x8_t x = vreinterpretq_f16_u16(halves);
    return (vec){vcvt_f32_f16(vget_low_f16(x)), vcvt_f32_f16(vget_high_f16(x))};
}

CK_INLINE vec v_load_f16(const void *at) { return v_widen_f16(vreinterpretq_u16_u8(vld1q_u8(at))); }

// One half in all lanes.
CK_INLINE vec v_set1_half(uint16_t half) { return v_widen_f16(vdupq_n_u16(half)); }

CK_INLINE uint16x8_t v_narrow_f16(vec x) {
    return vreinterpretq_u16_f16(vcombine_f16(vcvt_f16_f32(x.low), vcvt_f16_f32(x.high)));
}

CK_INLINE void v_store_f16(uint16_t *at, vec x) { vst1q_u16(at, v_narrow_f16(x)); }

CK_INLINE vec v_load_bf16(const void *at) {
    uint16x8_t halves = vreinterpretq_u16_u8(vld1q_u8(at));
    return (vec){vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(halves), 16)),
                 vreinterpretq_f32_u32(vshll_n_u16(vget_high_u16(halves), 16))};
}

// Loads the first n < LANES elements; the other lanes are 0.
CK_INLINE vec v_load_part(const void *at, size_t n) {
    float whole[LANES] = {0};
    memcpy(whole, at, sizeof *whole * n);
    return v_load(whole);
}

CK_INLINE void v_store_part(float *at, vec x, size_t n) {
    float whole[LANES];
    v_store(whole, x);
    memcpy(at, whole, sizeof *whole * n);
}

CK_INLINE vec v_load_f16_part(const void *at, size_t n) {
    uint16_t whole[LANES] = {0};
    memcpy(whole, at, sizeof *whole * n);
    return v_load_f16(whole);
}

CK_INLINE vec v_load_bf16_part(const void *at, size_t n) {
    uint16_t whole[LANES] = {0};
    memcpy(whole, at, sizeof *whole * n);
    return v_load_bf16(whole);
}

CK_INLINE void v_store_f16_part(uint16_t *at, vec x, size_t n) {
    uint16_t whole[LANES];
    v_store_f16(whole, x);
    memcpy(at, whole, sizeof *whole * n);
}

// Makes lane k of row j lane j of row k, for four rows of four lanes: exchanges single lanes, then pairs.
CK_INLINE void transpose_four(const float32x4_t rows[4], float32x4_t out[4]) {
    float64x2_t even01 = vreinterpretq_f64_f32(vtrn1q_f32(rows[0], rows[1]));
    float64x2_t odd01 = vreinterpretq_f64_f32(vtrn2q_f32(rows[0], rows[1]));
    float64x2_t even23 = vreinterpretq_f64_f32(vtrn1q_f32(rows[2], rows[3]));
    float64x2_t odd23 = vreinterpretq_f64_f32(vtrn2q_f32(rows[2], rows[3]));
    out[0] = vreinterpretq_f32_f64(vtrn1q_f64(even01, even23));
    out[1] = vreinterpretq_f32_f64(vtrn1q_f64(odd01, odd23));
    out[2] = vreinterpretq_f32_f64(vtrn2q_f64(even01, even23));
    out[3] = vreinterpretq_f32_f64(vtrn2q_f64(odd01, odd23));
}

// Makes lane k of row j lane j of row k: transposes the four quarters, and exchanges two of them.
CK_INLINE void v_transpose(vec rows[8]) {
    float32x4_t quarters[4][4], turned[4][4];
    for (size_t k = 0; k < 4; k++) {
        quarters[0][k] = rows[k].low;
        quarters[1][k] = rows[k].high;
        quarters[2][k] = rows[k + 4].low;
        quarters[3][k] = rows[k + 4].high;
    }
    for (size_t q = 0; q < 4; q++) transpose_four(quarters[q], turned[q]);
    for (size_t k = 0; k < 4; k++) {
        rows[k] = (vec){turned[0][k], turned[2][k]};
        rows[k + 4] = (vec){turned[1][k], turned[3][k]};
    }
}

// Converts 16 signed bytes to floats.
CK_INLINE void v_from_bytes(int8x16_t bytes, vec out[2]) {
    int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_high_s8(bytes);
    out[0] = (vec){vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_high_s16(low))};
    out[1] = (vec){vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_high_s16(high))};
}

#endif
