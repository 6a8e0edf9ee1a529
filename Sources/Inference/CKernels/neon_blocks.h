// Unpacks blocks of weights with NEON, as x86_blocks.h does on x86: each format has one function that prepares a block
// (its scales) and one that unpacks a group of 32 elements into registers. Unpacking rounds exactly as scalar.c does.

#ifndef CK_NEON_BLOCKS_H
#define CK_NEON_BLOCKS_H

#include "unpacking.h"

CK_INLINE uint8x16_t low_halves(uint8x16_t bytes) { return vandq_u8(bytes, vdupq_n_u8(15)); }

CK_INLINE uint8x16_t high_halves(uint8x16_t bytes) { return vshrq_n_u8(bytes, 4); }

// w = values * step, for half a group
CK_INLINE void spread(uint8x16_t values, vec step, vec w[2]) {
    v_from_bytes(vreinterpretq_s8_u8(values), w);
    UNROLL for (size_t v = 0; v < 2; v++) w[v] = v_mul(w[v], step);
}

// w = values * step - base, for half a group
CK_INLINE void spread_from(uint8x16_t values, vec step, vec base, vec w[2]) {
    spread(values, step, w);
    UNROLL for (size_t v = 0; v < 2; v++) w[v] = v_sub(w[v], base);
}

// MARK: Blocks of 32

CK_INLINE void unpack_q4_0(const ck_block_q4_0 *block, const ck_scales *s, size_t g, vec w[VECTORS]) {
    (void)s, (void)g;
    const uint8x16_t eight = vdupq_n_u8(8);
    uint8x16_t bytes = vld1q_u8(block->qs);
    vec step = v_set1_half(block->d);
    spread(vsubq_u8(low_halves(bytes), eight), step, w);
    spread(vsubq_u8(high_halves(bytes), eight), step, w + 2);
}

// 0xf0 in each byte whose bit is not set. Subtracting 16 leaves the low four bits as they are where the fifth bit is
// set; elsewhere it sets all upper bits.
CK_INLINE uint8x16_t without_fifth_bit(uint32_t bits) {
    const uint8x8_t bit = {1, 2, 4, 8, 16, 32, 64, 128};
    uint8x8_t first = vtst_u8(vdup_n_u8((uint8_t)bits), bit), second = vtst_u8(vdup_n_u8((uint8_t)(bits >> 8)), bit);
    return vbicq_u8(vdupq_n_u8(0xf0), vcombine_u8(first, second));
}

CK_INLINE void unpack_q5_0(const ck_block_q5_0 *block, const ck_scales *s, size_t g, vec w[VECTORS]) {
    (void)s, (void)g;
    uint32_t high;
    memcpy(&high, block->qh, sizeof high);
    uint8x16_t bytes = vld1q_u8(block->qs);
    vec step = v_set1_half(block->d);
    spread(vorrq_u8(low_halves(bytes), without_fifth_bit(high)), step, w);
    spread(vorrq_u8(high_halves(bytes), without_fifth_bit(high >> 16)), step, w + 2);
}

CK_INLINE void unpack_q8_0(const ck_block_q8_0 *block, const ck_scales *s, size_t g, vec w[VECTORS]) {
    (void)s, (void)g;
    vec step = v_set1_half(block->d);
    const uint8_t *qs = (const uint8_t *)block->qs;
    spread(vld1q_u8(qs), step, w);
    spread(vld1q_u8(qs + 16), step, w + 2);
}

// MARK: Blocks of 256

CK_INLINE vec from_eight_bytes(uint64_t bytes) {
    uint16x8_t wide = vmovl_u8(vcreate_u8(bytes));
    return (vec){vcvtq_f32_u32(vmovl_u16(vget_low_u16(wide))), vcvtq_f32_u32(vmovl_high_u16(wide))};
}

CK_INLINE void prepare_k(uint16_t d, uint16_t dmin, const uint8_t scales[12], ck_scales *s) {
    uint64_t steps, bases;
    ck_k_scales(scales, &steps, &bases);
    v_store(s->step, v_mul(from_eight_bytes(steps), v_set1_half(d)));
    v_store(s->base, v_mul(from_eight_bytes(bases), v_set1_half(dmin)));
}

// The low four bits of half a group of a q4_K or q5_K block.
CK_INLINE uint8x16_t k_halves(const uint8_t *qs, size_t g, size_t half) {
    uint8x16_t bytes = vld1q_u8(qs + 32 * (g / 2) + 16 * half);
    return g & 1 ? high_halves(bytes) : low_halves(bytes);
}

CK_INLINE void prepare_q4_k(const ck_block_q4_k *block, ck_scales *s) {
    prepare_k(block->d, block->dmin, block->scales, s);
}

CK_INLINE void unpack_q4_k(const ck_block_q4_k *block, const ck_scales *s, size_t g, vec w[VECTORS]) {
    UNROLL for (size_t half = 0; half < 2; half++) {
        spread_from(k_halves(block->qs, g, half), v_set1(s->step[g]), v_set1(s->base[g]), w + 2 * half);
    }
}

CK_INLINE void prepare_q5_k(const ck_block_q5_k *block, ck_scales *s) {
    prepare_k(block->d, block->dmin, block->scales, s);
}

CK_INLINE void unpack_q5_k(const ck_block_q5_k *block, const ck_scales *s, size_t g, vec w[VECTORS]) {
    // A negative count shifts to the right.
    const int8x16_t down = vdupq_n_s8((int8_t)-(int)g);
    UNROLL for (size_t half = 0; half < 2; half++) {
        uint8x16_t high = vandq_u8(vshlq_u8(vld1q_u8(block->qh + 16 * half), down), vdupq_n_u8(1));
        uint8x16_t values = vorrq_u8(k_halves(block->qs, g, half), vshlq_n_u8(high, 4));
        spread_from(values, v_set1(s->step[g]), v_set1(s->base[g]), w + 2 * half);
    }
}

CK_INLINE void prepare_q6_k(const ck_block_q6_k *block, ck_scales *s) {
    vec scales[2], d = v_set1_half(block->d);
    v_from_bytes(vreinterpretq_s8_u8(vld1q_u8((const uint8_t *)block->scales)), scales);
    v_store(s->step, v_mul(scales[0], d));
    v_store(s->step + 8, v_mul(scales[1], d));
}

CK_INLINE void unpack_q6_k(const ck_block_q6_k *block, const ck_scales *s, size_t group, vec w[VECTORS]) {
    size_t half = group / 4, g = group % 4;
    const uint8_t *ql = block->ql + 64 * half + 32 * (g & 1), *qh = block->qh + 32 * half;
    const int8x16_t down = vdupq_n_s8((int8_t)(-2 * (int)g));
    UNROLL for (size_t i = 0; i < 2; i++) {
        uint8x16_t low = vld1q_u8(ql + 16 * i);
        low = g < 2 ? low_halves(low) : high_halves(low);
        uint8x16_t high = vandq_u8(vshlq_u8(vld1q_u8(qh + 16 * i), down), vdupq_n_u8(3));
        uint8x16_t values = vsubq_u8(vorrq_u8(low, vshlq_n_u8(high, 4)), vdupq_n_u8(32));
        spread(values, v_set1(s->step[2 * group + i]), w + 2 * i);
    }
}

#endif
