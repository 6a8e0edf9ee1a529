import CKernels
import Weights

/// How a file format names tensors and stores norms.
struct TensorNaming: Sendable {
    /// The tensors of a layer, by their purpose.
    enum Role: Sendable {
        case attnNorm, attnQ, attnK, attnV, attnOutput, attnQNorm, attnKNorm, postAttentionNorm
        case ffnNorm, ffnGate, ffnUp, ffnDown, postFeedForwardNorm
    }

    var embedding: String
    var head: String
    var outputNorm: String
    var layerPrefix: @Sendable (Int) -> String
    var role: @Sendable (Role) -> String
    /// Added to norm weights when they are read: GGUF stores 1 + w, safetensors w.
    var normOffset: Float

    static let gguf = TensorNaming(
        embedding: "token_embd.weight", head: "output.weight", outputNorm: "output_norm.weight",
        layerPrefix: { "blk.\($0)." },
        role: { role in
            switch role {
            case .attnNorm: "attn_norm.weight"
            case .attnQ: "attn_q.weight"
            case .attnK: "attn_k.weight"
            case .attnV: "attn_v.weight"
            case .attnOutput: "attn_output.weight"
            case .attnQNorm: "attn_q_norm.weight"
            case .attnKNorm: "attn_k_norm.weight"
            case .postAttentionNorm: "post_attention_norm.weight"
            case .ffnNorm: "ffn_norm.weight"
            case .ffnGate: "ffn_gate.weight"
            case .ffnUp: "ffn_up.weight"
            case .ffnDown: "ffn_down.weight"
            case .postFeedForwardNorm: "post_ffw_norm.weight"
            }
        }, normOffset: 0)

    /// - Parameter prefix: the part of the names before `embed_tokens`, `layers` and `norm`.
    static func huggingFace(prefix: String, hasPostNorms: Bool) -> TensorNaming {
        TensorNaming(
            embedding: prefix + "embed_tokens.weight", head: "lm_head.weight",
            outputNorm: prefix + "norm.weight",
            layerPrefix: { "\(prefix)layers.\($0)." },
            role: { role in
                switch role {
                case .attnNorm: "input_layernorm.weight"
                case .attnQ: "self_attn.q_proj.weight"
                case .attnK: "self_attn.k_proj.weight"
                case .attnV: "self_attn.v_proj.weight"
                case .attnOutput: "self_attn.o_proj.weight"
                case .attnQNorm: "self_attn.q_norm.weight"
                case .attnKNorm: "self_attn.k_norm.weight"
                case .postAttentionNorm: "post_attention_layernorm.weight"
                // Gemma 1 has only one norm between attention and the feed-forward layer, under this name.
                case .ffnNorm:
                    hasPostNorms ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight"
                case .ffnGate: "mlp.gate_proj.weight"
                case .ffnUp: "mlp.up_proj.weight"
                case .ffnDown: "mlp.down_proj.weight"
                case .postFeedForwardNorm: "post_feedforward_layernorm.weight"
                }
            }, normOffset: 1)
    }
}

/// A model's weights: the addresses of matrices in mapped files, and norms unpacked to f32.
///
/// Safety: `tensors` keeps the files mapped, which do not change, and `norms` keeps the norms, so the addresses are
/// valid as long as this object exists, and any thread may read them.
final class GemmaWeights: @unchecked Sendable {
    struct Layer {
        var attnNorm: UnsafePointer<Float>  // [hiddenSize]
        var attnQ: Matrix  // [querySize, hiddenSize]
        var attnK: Matrix  // [kvSize, hiddenSize]
        var attnV: Matrix  // [kvSize, hiddenSize]
        var attnOutput: Matrix  // [hiddenSize, querySize]
        var attnQNorm: UnsafePointer<Float>?  // [headDim]
        var attnKNorm: UnsafePointer<Float>?  // [headDim]
        var postAttentionNorm: UnsafePointer<Float>?  // [hiddenSize]
        var ffnNorm: UnsafePointer<Float>  // [hiddenSize]
        var ffnGate: Matrix  // [intermediateSize, hiddenSize]
        var ffnUp: Matrix  // [intermediateSize, hiddenSize]
        var ffnDown: Matrix  // [hiddenSize, intermediateSize]
        var postFeedForwardNorm: UnsafePointer<Float>?  // [hiddenSize]
    }

    let embedding: Matrix  // [vocabularySize, hiddenSize]
    /// The same as the embedding, unless the file has a separate head.
    let head: Matrix  // [vocabularySize, hiddenSize]
    let outputNorm: UnsafePointer<Float>  // [hiddenSize]
    let layers: [Layer]
    /// The factor that embedded tokens are multiplied by.
    let embeddingScale: Float
    /// All tensors that are used, each once.
    let tensors: [Tensor]
    private let norms: ScratchMemory

    /// Looks up every tensor and checks its shape.
    ///
    /// - Parameter roundsScale: whether the embedding's scale is rounded to bf16 if the weights are in bf16, as the
    ///   reference does ("cast before mul"); for GGUF files it stays in f32, as in llama.cpp.
    init(
        configuration: GemmaConfiguration, naming: TensorNaming, source: String, roundsScale: Bool,
        hasTensor: (String) -> Bool, tensor: (String) throws -> Tensor
    ) throws {
        let norms = ScratchMemory()
        var used: [Tensor] = []

        func find(_ name: String, _ shape: [Int]) throws -> Tensor {
            let found = try tensor(name)
            guard found.shape == shape else {
                throw GemmaError(
                    .badWeights,
                    "\(source): tensor \(name) has the shape \(found.shape), the configuration wants \(shape)"
                )
            }
            used.append(found)
            return found
        }
        func matrix(_ name: String, _ rows: Int, _ columns: Int) throws -> Matrix {
            let found = try find(name, [rows, columns])
            return Matrix(
                address: found.row(0), type: found.type.kernelType, rows: rows, columns: columns,
                rowBytes: found.rowBytes)
        }
        func norm(_ name: String, _ width: Int) throws -> UnsafePointer<Float> {
            let copy = norms.floats(width)
            for (index, value) in try find(name, [width]).floats().enumerated() {
                copy[index] = value + naming.normOffset
            }
            return UnsafePointer(copy.baseAddress!)
        }

        let hidden = configuration.hiddenSize
        embedding = try matrix(naming.embedding, configuration.vocabularySize, hidden)
        head =
            hasTensor(naming.head)
            ? try matrix(naming.head, configuration.vocabularySize, hidden) : embedding
        outputNorm = try norm(naming.outputNorm, hidden)
        let (hasPostNorms, hasQueryKeyNorms) = (configuration.hasPostNorms, configuration.hasQueryKeyNorms)
        layers = try configuration.layers.indices.map { index in
            func name(_ role: TensorNaming.Role) -> String { naming.layerPrefix(index) + naming.role(role) }
            let (headDim, ffn) = (
                configuration.layers[index].headDim, configuration.layers[index].intermediateSize
            )
            let (query, kv) = (configuration.querySize(index), configuration.kvSize(index))
            return Layer(
                attnNorm: try norm(name(.attnNorm), hidden),
                attnQ: try matrix(name(.attnQ), query, hidden), attnK: try matrix(name(.attnK), kv, hidden),
                attnV: try matrix(name(.attnV), kv, hidden),
                attnOutput: try matrix(name(.attnOutput), hidden, query),
                attnQNorm: hasQueryKeyNorms ? try norm(name(.attnQNorm), headDim) : nil,
                attnKNorm: hasQueryKeyNorms ? try norm(name(.attnKNorm), headDim) : nil,
                postAttentionNorm: hasPostNorms ? try norm(name(.postAttentionNorm), hidden) : nil,
                ffnNorm: try norm(name(.ffnNorm), hidden), ffnGate: try matrix(name(.ffnGate), ffn, hidden),
                ffnUp: try matrix(name(.ffnUp), ffn, hidden),
                ffnDown: try matrix(name(.ffnDown), hidden, ffn),
                postFeedForwardNorm: hasPostNorms ? try norm(name(.postFeedForwardNorm), hidden) : nil)
        }
        let scale = Float(hidden).squareRoot()
        embeddingScale = roundsScale && embedding.type == CK_BF16 ? Self.roundedToBF16(scale) : scale
        tensors = used
        self.norms = norms
    }

    /// Rounds to the nearest bf16, ties to even.
    private static func roundedToBF16(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) & 0xFFFF_0000)
    }
}
