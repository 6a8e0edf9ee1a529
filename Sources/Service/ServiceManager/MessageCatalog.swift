/// The messages that `journalctl -x` explains.
///
/// The text of a message is its name: log calls use a fixed text and put what varies into the metadata. Each text has
/// the identifier under which `systemd/minuted.catalog` says what the message means and what to do.
package enum MessageCatalog {
    /// The MESSAGE_ID of a message; nil if it needs no explanation.
    package static func identifier(of message: String) -> String? { identifiers[message] }

    /// Identifiers of 128 bits in hexadecimal digits.
    ///
    /// They must never change, because people search their journals for them.
    package static let identifiers: [String: String] = [
        "a calendar waits":
            "5c1f0b7e9ad24c0d8f3b6e21a7d94c58",
        "a connection brings a meeting":
            "9c912a572f945ead8ff9963805cc603e",
        "a connection ended":
            "08e1bb1683cb55d0bb16d9a5e3d6b107",
        "a connection had been cut off":
            "eee0131aecd757f6ac8aed0f093332f4",
        "a failure cannot be recorded":
            "7aa334ad3aff5a87ae5bb871f39ce8d9",
        "a file ended its meeting":
            "a54fe10a71c154f29b429ea8398d74a0",
        "a file waits":
            "ff8a1ec188205820a461e55544313848",
        "a file was taken before, nothing is added":
            "3b3d1d731ac85b19a68edddbc82d9576",
        "a meeting cannot be finished":
            "1a6a82fa4c2d50aba8ed4e0641cb3b45",
        "a meeting cannot go on for now":
            "64e13fc1b7165b2bbe1ffe7e92455b0b",
        "a meeting is held, since the daemon died of it":
            "4616473142264bdf82fb3cffd21af5e8",
        "a meeting is read again: its saved cache is not usable":
            "245a2a36cff05e3d9c33e4a58abbaa81",
        "a meeting was ended without its last summaries":
            "f6516ab73d2a5e5cb7dcccc2cc0b6be0",
        "a part answers again":
            "c8bda87f8f085711a2ede7a1bbebba3b",
        "a part does not answer":
            "e34d2819e6185983b04500cc851b8cd5",
        "a summary cannot be recorded":
            "81f16f48f40b5929a5e79c6fb2c1414e",
        "a window could not be summarised":
            "50f5c716e2f853b190e5d439304dc4f6",
        "a window is tried again":
            "3ff8d837bed352a39844a10a9bb29376",
        "an environment variable is not an option":
            "5069f0b894685b7a8ae934044f6d0cb2",
        "cannot look into the spool":
            "67e1c93f018c5492aa97a7e7b479d409",
        "cannot prefill":
            "7b8b82f9f78a5cfe9212f3c0c673f7a7",
        "what the model has read cannot be saved":
            "dcb905d64cef55f794f34d0406823219",
        "cannot start":
            "4441884c5b9d5800b4065d5c32926e1f",
        "cannot take files, trying again":
            "800f3b8364e855eab1d535bb057788f6",
        "cannot watch the spool":
            "0282c1cf12ce5c17b13edf2b77bcba5a",
        "ended a meeting that got no more input":
            "37ead63d1dcf5ad4b72b6432c2e4d5ba",
        "fewer connections are taken than ingest.connectionLimit allows: the limit of open files is too low":
            "965ea8efc49447a48cc9c9238dd31277",
        "finished a meeting":
            "b1b2029618435a5194ffb5f9c6b5f5c0",
        "forgot":
            "7d0f6e2a91c84b5e8f3a6bd2c4e51907",
        "handed minutes on":
            "61c9e0b7f4d84d2c9a5f3b1e8d70c246",
        "log messages were lost, because they were not taken in time":
            "dc8a7c3343e34cd4a191c6f56ac01139",
        "all meetings can be searched":
            "6d0b9d1f1c6e4a7fb0b4c8a2e97f5d13",
        "meetings cannot be made searchable yet, trying again":
            "c41f7a9e52d84b06a3f1e8d07b5c926a",
        "metrics cannot be written, trying again":
            "e1f4b7c92d6a4830bd15f0a9c37e8264",
        "minutes cannot be written":
            "f2db122a71c258999e4b02ae15dd1353",
        "minutes were put right by hand":
            "6e1d0b7c4f5a49d2a7c3e8905b2f6d14",
        "minutes could not be made again, and stay as they are":
            "c95a3e7f0d1b4826a8f2d46b7e9013c5",
        "minutes cannot be made again for now":
            "3d8b61f4a7e24c0d95b30e8fc2719a46",
        "minutes were made again":
            "a1f76c2e58d94b30b7c81d0f4e6523a9",
        "minutes were not handed on":
            "0f5d3c8ab9e2471e86d4c7051b92fa38",
        "opened the model":
            "0119e074625b5f928db4721612f55f67",
        "paused":
            "fa1edb661c1b5a4eb330ea41cf60902d",
        "ready":
            "6715b5b5975451608f32d57fc31ff097",
        "refused a control connection":
            "f8d5e449427b531ba26d12aa52a44101",
        "refused a file, see failed/":
            "e6d7dec43d1750eabc5e7dbbbe3d1f38",
        "refused a line":
            "20ba319205045feca3aed356ae4a59b1",
        "reloaded the configuration":
            "5427cd03d3ba5c54b4346a3616cac480",
        "nothing is removed: the clock may be wrong": "5be07c64d2a94f3188c1e06f9a3d7b52",
        "removed what was kept long enough":
            "b84c1f0d3a6e47c29d55e07f8a12c6b3",
        "resumed":
            "2d44caaf3f065559b65c020f1687c84d",
        "something could not be removed yet, trying again":
            "3f92d7b06c1e4a48b7d9105ec8f62a74",
        "starting":
            "06766b6c384950eab4ed995330160610",
        "stopped without waiting any longer":
            "3153ccd8c5aa5ea0b74671210a0787e4",
        "stopping":
            "b13455161a5f5d1baa024f2725115acf",
        "summarised a window":
            "9cfd3a6284e95165a94b2f15a3093f90",
        "taking files again":
            "3c3d7395db6e52209d0c58de66a2eba7",
        "the configuration was not reloaded":
            "9b083d69a12c56d4bef71d15f785d7a5",
        "the control socket stopped":
            "fef75af7cb9f503b81d39097d27aa4db",
        "the index for searching was damaged: it is filled anew":
            "a27d5f0e83b14c96b5e09d1c74f3a862",
        "the ledger can be written again":
            "12801a3e28da514196dedee7e1c5dbba",
        "the daemon before this one died of a fault":
            "e346c7d5753e424d815e97ded157a32a",
        "the ledger cannot be read":
            "e202b0f326fa58749772a314ef5fce3b",
        "the ledger is damaged: it was set aside and a new one is begun":
            "0cc12f5a187b5e5ca8358f8d66c7c544",
        "the repacked weights cannot be kept, so that the next start takes as long: set model.cacheFolder":
            "ce208f082d375a13a3e263899ca50c64",
        "the repacked weights cannot be used":
            "4536840b40b75ab88539a40f5162eadc",
        "the repacked weights were damaged: repaired, and to be written again at the next start":
            "0d1ac09320355fd4a486597690c5a096",
        "the summary of the whole did not come about":
            "661f7cfdbf9959a1905ba2d593acc63d",
        "took a file after a gap":
            "57fd6ef5bc825203851ff534b3cf790b",
        "took a file":
            "590023e69cb450568f8898c1d287c864",
        "tries again what was given up":
            "894692109e1e547db01762f182ee1b04",
        "turned a connection away":
            "a37d28aa6e185d259029d5f9772bc2fa",
        "what came was not recorded":
            "2a63dd5c129a534da51047c2fcda994c",
        "what comes over the socket waits":
            "a1987f1085f7580596c445af2338410d",
        "what was held back for a sender is lost":
            "a747d7ac956b1bf220cb451af4d2b66f",
    ]
}
