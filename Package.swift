// swift-tools-version: 6.2
// What each target is for, and who may import whom: Sources/README.md.

import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOFoundationCompat", package: "swift-nio"),
]

let package = Package(
    name: "minuted",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "minuted", targets: ["minuted"]),
        .executable(name: "minutectl", targets: ["minutectl"]),
        .executable(name: "minutelab", targets: ["minutelab"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    ],
    targets: [
        // C and C++: SIMD kernels and thin shims over system libraries.
        .target(name: "CKernels"),
        .target(name: "CGradients"),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "CSentencePiece", linkerSettings: [.linkedLibrary("sentencepiece")]),
        .target(name: "CCalendar", linkerSettings: [.linkedLibrary("ical")]),
        .target(name: "CICU", linkerSettings: [.linkedLibrary("icui18n"), .linkedLibrary("icuuc")]),
        .systemLibrary(name: "CSnowball", providers: [.apt(["libstemmer-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CLanguageDetection", linkerSettings: [.linkedLibrary("cld2")]),
        .target(name: "CLanguageData"),

        // What all wings stand on.
        .target(name: "Errors", swiftSettings: strict),
        .target(name: "Files", swiftSettings: strict),
        .target(name: "Metrics", swiftSettings: strict),

        // The inference half: files to tensors, text to ids, ids to logits.
        .target(name: "Weights", dependencies: ["CKernels", "Errors", "Files"], swiftSettings: strict),
        .target(name: "Tokenizer", dependencies: ["CSentencePiece", "Files"], swiftSettings: strict),
        .target(name: "Grammar", dependencies: ["Tokenizer"], swiftSettings: strict),
        .target(
            name: "Gemma",
            dependencies: [
                "Weights", "Tokenizer", "Grammar", "Errors", "Files", "CKernels", "COpenBLAS",
            ],
            swiftSettings: strict),

        .target(
            name: "Training",
            dependencies: ["Weights", "Tokenizer", "Gemma", "Files", "CKernels", "CGradients", "COpenBLAS"],
            swiftSettings: strict),

        // Words of people: what a text says, whoever asks.
        .target(
            name: "Language", dependencies: ["CICU", "CSnowball", "CLanguageDetection", "CLanguageData"],
            // Compiled in by CLanguageData.
            exclude: ["Data"], swiftSettings: strict),

        // The meeting half: bytes to utterances, windows, summaries, minutes.
        .target(
            name: "Transcript", dependencies: ["Language", "Files", "CZlib", "CCalendar"],
            exclude: ["README.md"],
            swiftSettings: strict),
        .target(name: "Summaries", dependencies: ["Language", "Transcript"], swiftSettings: strict),
        .target(
            name: "Minutes",
            dependencies: [
                "Language", "Transcript", "Summaries", .product(name: "Crypto", package: "swift-crypto"),
            ],
            // Compiled in by CLanguageData.
            exclude: ["Labels"],
            // In the program itself, so that it needs no folder of files beside it.
            resources: [
                .embedInCode("Page/page.mustache"), .embedInCode("Page/page.css"),
                .embedInCode("Page/page.js"), .embedInCode("Page/shared.js"),
                .embedInCode("Page/index.mustache"), .embedInCode("Page/index.js"),
            ],
            swiftSettings: strict),
        .target(
            name: "Ledger",
            dependencies: [
                "Language", "Transcript", "Summaries", "Files",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "Intake",
            dependencies: [
                "Language", "Transcript", "Ledger", "Files", "Metrics", logging, lifecycle,
                .product(name: "Crypto", package: "swift-crypto"),
            ] + nio,
            swiftSettings: strict),

        // For training and measuring: data, and what the figures are made of.
        .target(name: "Corpora", dependencies: ["Language", "Transcript"], swiftSettings: strict),
        .target(name: "Evaluation", dependencies: ["Language", "Transcript"], swiftSettings: strict),

        // The programs and what they share.
        .target(
            name: "ServiceManager", dependencies: ["CSystemd", "Language", logging], swiftSettings: strict),
        .target(
            name: "Settings",
            dependencies: [
                "Language", "Transcript", "Summaries", "Minutes", "Ledger", "Errors", logging,
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(
            name: "Pipeline",
            dependencies: [
                "Language", "Transcript", "Summaries", "Minutes", "Ledger", "Settings", "Errors", "Files",
                "Metrics", logging, lifecycle,
            ],
            swiftSettings: strict),
        .target(
            name: "LanguageModels",
            dependencies: [
                "Gemma", "Grammar", "Tokenizer", "Summaries", "Settings", "Errors", logging,
            ],
            swiftSettings: strict),
        .target(
            name: "StateFolder",
            dependencies: [
                "Gemma", "Language", "Transcript", "Summaries", "Minutes", "Ledger", "Intake", "Settings",
                "Pipeline",
                "Errors", "Files",
            ],
            swiftSettings: strict),
        .target(
            name: "Control",
            dependencies: [
                "Transcript", "Summaries", "Ledger", "Intake", "Settings", "Pipeline", "StateFolder",
                "Errors",
                "Files", "Metrics", logging, lifecycle,
            ] + nio,
            swiftSettings: strict),
        .target(
            name: "Daemon",
            dependencies: [
                "Transcript", "Summaries", "Ledger", "Intake", "ServiceManager", "Settings", "Pipeline",
                "LanguageModels", "StateFolder", "Control", "Errors", "Files", logging, lifecycle, signals,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "minuted",
            dependencies: [
                "Intake", "Ledger", "ServiceManager", "Settings", "LanguageModels", "Daemon", "Errors",
                "Files",
                arguments, logging,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "minutectl",
            dependencies: [
                "Gemma", "Language", "Transcript", "Summaries", "Minutes", "Ledger", "Intake", "Settings",
                "Pipeline", "LanguageModels", "StateFolder", "Control", "Daemon", "Errors", "Files",
                arguments,
                logging, signals, .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "minutelab",
            dependencies: [
                "Settings", "Pipeline", "LanguageModels", "Control", "Gemma", "Grammar", "Weights",
                "Tokenizer", "Training", "Corpora",
                "Evaluation", "Language", "Summaries", "Minutes", "Transcript", "Ledger", "Intake", "Files",
                arguments, logging, lifecycle,
            ],
            swiftSettings: strict),

        // Tests stand beside their target, and share what is random in them.
        .target(
            name: "TestSupport", dependencies: ["Files"], path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "ErrorsTests", dependencies: ["Errors"], swiftSettings: strict),
        .testTarget(name: "FilesTests", dependencies: ["Files"], swiftSettings: strict),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics"], swiftSettings: strict),
        .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "WeightsTests", dependencies: ["TestSupport", "Weights"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "TokenizerTests", dependencies: ["TestSupport", "Tokenizer", "Weights"],
            exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "GrammarTests", dependencies: ["TestSupport", "Grammar", "Evaluation", "Tokenizer"],
            swiftSettings: strict),
        .testTarget(
            name: "GemmaTests", dependencies: ["TestSupport", "Gemma", "Grammar", "Evaluation"],
            exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["TestSupport", "Training", "CGradients", "Gemma", "Weights", "Tokenizer"],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "LanguageTests", dependencies: ["Language"], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "TranscriptTests", dependencies: ["TestSupport", "Language", "Transcript"],
            exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "CorporaTests", dependencies: ["TestSupport", "Corpora"], swiftSettings: strict),
        .testTarget(
            name: "EvaluationTests", dependencies: ["Evaluation", "Language", "Transcript"],
            exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "MinutesTests",
            dependencies: ["TestSupport", "Evaluation", "Language", "Minutes", "Summaries", "Transcript"],
            exclude: ["Fixtures"], swiftSettings: strict
        ),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "TestSupport", "Files", "Language", "Ledger", "Summaries",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "IntakeTests", dependencies: ["TestSupport", "Intake", "Language", "Ledger"],
            swiftSettings: strict),
        .testTarget(
            name: "ServiceManagerTests", dependencies: ["TestSupport", "ServiceManager"],
            swiftSettings: strict),
        .target(
            name: "ServiceTestSupport",
            dependencies: [
                "TestSupport", "Transcript", "Summaries", "Minutes", "Ledger", "Pipeline", "Control", logging,
            ],
            path: "Tests/Service/ServiceTestSupport", swiftSettings: strict),
        .testTarget(
            name: "SettingsTests", dependencies: ["TestSupport", "Settings", "Ledger", "Errors"],
            swiftSettings: strict),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "ServiceTestSupport", "TestSupport", "Pipeline", "Settings", "Language", "Transcript",
                "Summaries",
                "Minutes", "Ledger", "Errors", "Files", logging,
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "LanguageModelsTests",
            dependencies: [
                "ServiceTestSupport", "TestSupport", "LanguageModels", "Pipeline", "Settings", "Corpora",
                "Gemma",
                "Weights", "Transcript", "Summaries", "Minutes", "Ledger",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "StateFolderTests",
            dependencies: [
                "ServiceTestSupport", "TestSupport", "StateFolder", "Pipeline", "Errors", "Intake",
                "Language",
                "Ledger", "Minutes", "Settings", "Summaries", "Transcript", logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ControlTests",
            dependencies: [
                "ServiceTestSupport", "TestSupport", "Control", "Pipeline", "Settings", "StateFolder",
                "Intake", "Language",
                "Transcript",
                "Summaries", "Ledger", "Errors", logging, lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "ServiceTestSupport", "TestSupport", "Daemon", "Control", "Pipeline", "Settings",
                "ServiceManager",
                "Transcript", "Summaries", "Minutes", "Ledger", "Errors", logging, lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ProgramTests",
            dependencies: [
                "TestSupport", "Control", "Metrics", "Language", "Pipeline", "Ledger", "Minutes", "Summaries",
                "Transcript",
                "minutectl",
            ],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TidyTests", dependencies: ["TestSupport"], path: "Tests/TidyTests", swiftSettings: strict),
    ],
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)

// The wings of the tree, and which targets have their folders in each.
let wings = [
    "Sources/Common": ["Errors", "Files", "Metrics"],
    "Sources/Inference": [
        "CKernels", "COpenBLAS", "CSentencePiece", "Weights", "Tokenizer", "Grammar", "Gemma",
    ],
    "Sources/Meetings": [
        "CCalendar", "CICU", "CSnowball", "CZlib", "CLanguageDetection", "CLanguageData", "Language",
        "Transcript",
        "Summaries",
        "Minutes", "Ledger",
    ],
    "Sources/Service": [
        "CSystemd", "Intake", "ServiceManager", "Settings", "Pipeline", "LanguageModels", "StateFolder",
        "Control",
        "Daemon",
    ],
    "Sources/Lab": ["CGradients", "Training", "Corpora", "Evaluation"],
    "Sources/Programs": ["minuted", "minutectl", "minutelab"],
    "Tests/Common": ["ErrorsTests", "FilesTests", "MetricsTests"],
    "Tests/Inference": ["CKernelsTests", "WeightsTests", "TokenizerTests", "GrammarTests", "GemmaTests"],
    "Tests/Meetings": ["LanguageTests", "TranscriptTests", "MinutesTests", "LedgerTests"],
    "Tests/Service": [
        "IntakeTests", "ServiceManagerTests", "SettingsTests", "PipelineTests", "LanguageModelsTests",
        "StateFolderTests", "ControlTests", "DaemonTests",
    ],
    "Tests/Lab": ["TrainingTests", "CorporaTests", "EvaluationTests"],
    "Tests/Programs": ["ProgramTests"],
]
for (wing, names) in wings {
    for target in package.targets where names.contains(target.name) { target.path = "\(wing)/\(target.name)" }
}
