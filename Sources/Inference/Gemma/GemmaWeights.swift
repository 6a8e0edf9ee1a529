import CKernels
import Weights

/// How a file format names tensors and stores norms.
struct TensorNaming: Sendable {
    /// The tensors of a layer, by their purpose.
    enum Role: Sendable {
        case attnNorm, attnQ, attnK, attnV, attnOutput, attnQNorm, attnKNorm, postAttentionNorm
        case ffnNorm, ffnGate, ffnUp, ffnDown, postFeedForwardNorm
        case inputGate, inputProjection, postInputNorm, outputScale
    }

    var embedding: String
    var head: String
    var outputNorm: String
    /// The table of layer inputs, the projection that is added to it, and the projection's norm.
    var layerInputs: (table: String, projection: String, norm: String)
    var layerPrefix: @Sendable (Int) -> String
    var role: @Sendable (Role) -> String
    /// Added to norm weights when they are read: up to Gemma 3, GGUF stores 1 + w, safetensors w.
    var normOffset: Float

    static let gguf = TensorNaming(
        embedding: "token_embd.weight", head: "output.weight", outputNorm: "output_norm.weight",
        layerInputs: (
            table: "per_layer_token_embd.weight", projection: "per_layer_model_proj.weight",
            norm: "per_layer_proj_norm.weight"
        ),
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
            case .inputGate: "inp_gate.weight"
            case .inputProjection: "proj.weight"
            case .postInputNorm: "post_norm.weight"
            case .outputScale: "layer_output_scale.weight"
            }
        }, normOffset: 0)

    /// - Parameter prefix: the part of the names before `embed_tokens`, `layers` and `norm`.
    static func huggingFace(
        prefix: String, architecture: GemmaConfiguration.Architecture
    ) -> TensorNaming {
        TensorNaming(
            embedding: prefix + "embed_tokens.weight", head: "lm_head.weight",
            outputNorm: prefix + "norm.weight",
            layerInputs: (
                table: prefix + "embed_tokens_per_layer.weight",
                projection: prefix + "per_layer_model_projection.weight",
                norm: prefix + "per_layer_projection_norm.weight"
            ),
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
                    architecture == .gemma1
                        ? "post_attention_layernorm.weight" : "pre_feedforward_layernorm.weight"
                case .ffnGate: "mlp.gate_proj.weight"
                case .ffnUp: "mlp.up_proj.weight"
                case .ffnDown: "mlp.down_proj.weight"
                case .postFeedForwardNorm: "post_feedforward_layernorm.weight"
                case .inputGate: "per_layer_input_gate.weight"
                case .inputProjection: "per_layer_projection.weight"
                case .postInputNorm: "post_per_layer_input_norm.weight"
                case .outputScale: "layer_scalar"
                }
            }, normOffset: architecture == .gemma4 ? 0 : 1)
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
        // Keys and values are nil if the layer shares another's.
        var attnK: Matrix?  // [kvSize, hiddenSize]
        var attnV: Matrix?  // [kvSize, hiddenSize]
        var attnOutput: Matrix  // [hiddenSize, querySize]
        var attnQNorm: UnsafePointer<Float>?  // [headDim]
        var attnKNorm: UnsafePointer<Float>?  // [headDim]
        var attnVNorm: UnsafePointer<Float>?  // [headDim], all ones
        var postAttentionNorm: UnsafePointer<Float>?  // [hiddenSize]
        var ffnNorm: UnsafePointer<Float>  // [hiddenSize]
        var ffnGate: Matrix  // [intermediateSize, hiddenSize]
        var ffnUp: Matrix  // [intermediateSize, hiddenSize]
        var ffnDown: Matrix  // [hiddenSize, intermediateSize]
        var postFeedForwardNorm: UnsafePointer<Float>?  // [hiddenSize]
        var input: Input?
        /// The layer's output is multiplied by this.
        var outputScale: Float?
    }

    /// How a layer takes its input besides the residual: `norm(projection(gelu(gate x) * input))` is added to x.
    struct Input {
        var gate: Matrix  // [layerInputSize, hiddenSize]
        var projection: Matrix  // [hiddenSize, layerInputSize]
        var norm: UnsafePointer<Float>  // [hiddenSize]
    }

    /// What the layers' inputs are made of: `(norm(projection e / sqrt(hiddenSize)) + sqrt(layerInputSize) * row) /
    /// sqrt(2)`, with the embedded token e and its row of the table.
    struct LayerInputs {
        let table: Matrix  // [vocabularySize, layers * layerInputSize]
        /// For each of ``GemmaConfiguration/layerRuns``, `[layers of the run * layerInputSize, hiddenSize]`.
        let projections: [Matrix]
        let norm: UnsafePointer<Float>  // [layerInputSize]
    }

    let embedding: Matrix  // [vocabularySize, hiddenSize]
    /// The same as the embedding, unless the file has a separate head.
    let head: Matrix  // [vocabularySize, hiddenSize]
    let outputNorm: UnsafePointer<Float>  // [hiddenSize]
    let layers: [Layer]
    /// What the layers' inputs are made of, if they have any besides the residual.
    let layerInputs: LayerInputs?
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
        func ones(_ width: Int) -> UnsafePointer<Float> {
            let ones = norms.floats(width)
            ones.update(repeating: 1)
            return UnsafePointer(ones.baseAddress!)
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
        let inputSize = configuration.layerInputSize
        if inputSize > 0 {
            let width = configuration.layers.count * inputSize
            let projection = try matrix(naming.layerInputs.projection, width, hidden)
            layerInputs = LayerInputs(
                table: try matrix(naming.layerInputs.table, configuration.vocabularySize, width),
                projections: configuration.layerRuns.map {
                    projection.rows($0.lowerBound * inputSize..<$0.upperBound * inputSize)
                }, norm: try norm(naming.layerInputs.norm, inputSize))
        } else {
            layerInputs = nil
        }
        layers = try configuration.layers.indices.map { index in
            func name(_ role: TensorNaming.Role) -> String { naming.layerPrefix(index) + naming.role(role) }
            let (headDim, ffn) = (
                configuration.layers[index].headDim, configuration.layers[index].intermediateSize
            )
            let (query, kv) = (configuration.querySize(index), configuration.kvSize(index))
            // A file may hold these also for a layer that shares them; they are not used then.
            let hasKeys = configuration.layers[index].keyValueLayer == nil
            return Layer(
                attnNorm: try norm(name(.attnNorm), hidden),
                attnQ: try matrix(name(.attnQ), query, hidden),
                attnK: hasKeys ? try matrix(name(.attnK), kv, hidden) : nil,
                attnV: hasKeys ? try matrix(name(.attnV), kv, hidden) : nil,
                attnOutput: try matrix(name(.attnOutput), hidden, query),
                attnQNorm: hasQueryKeyNorms ? try norm(name(.attnQNorm), headDim) : nil,
                attnKNorm: hasQueryKeyNorms && hasKeys ? try norm(name(.attnKNorm), headDim) : nil,
                attnVNorm: configuration.hasValueNorms && hasKeys ? ones(headDim) : nil,
                postAttentionNorm: hasPostNorms ? try norm(name(.postAttentionNorm), hidden) : nil,
                ffnNorm: try norm(name(.ffnNorm), hidden), ffnGate: try matrix(name(.ffnGate), ffn, hidden),
                ffnUp: try matrix(name(.ffnUp), ffn, hidden),
                ffnDown: try matrix(name(.ffnDown), hidden, ffn),
                postFeedForwardNorm: hasPostNorms ? try norm(name(.postFeedForwardNorm), hidden) : nil,
                input: inputSize == 0
                    ? nil
                    : Input(
                        gate: try matrix(name(.inputGate), inputSize, hidden),
                        projection: try matrix(name(.inputProjection), hidden, inputSize),
                        norm: try norm(name(.postInputNorm), hidden)),
                // A file may leave it out where it is 1.
                outputScale: configuration.hasOutputScales && hasTensor(name(.outputScale))
                    ? try find(name(.outputScale), [1]).floats()[0] : nil)
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
