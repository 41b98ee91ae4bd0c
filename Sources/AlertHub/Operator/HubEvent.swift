internal import Platform

/// What the hub may tell its operator, with the id of each kind in the journal (MESSAGE_ID).
///
/// borderwire-hub(8), "EVENTS", and systemd/borderwire-hub.catalog say what to do about each.
enum HubEvent: String, LogEvent, CaseIterable {
    case ready = "ready"
    case stopping = "stopping"
    case registryChanged = "registry-changed"
    case registryRefused = "registry-refused"
    case keysExpired = "keys-expired"
    case settingsChanged = "settings-changed"
    case settingsRefused = "settings-refused"
    case feedNotOpened = "feed-not-opened"
    case metricsNotServed = "metrics-not-served"
    case logFull = "log-full"
    case logWritable = "log-writable"
    case logUnreadable = "log-unreadable"
    case auditFailed = "audit-failed"
    case auditRecorded = "audit-recorded"
    case auditShortened = "audit-shortened"
    case alertRefused = "alert-refused"
    case messageDropped = "message-dropped"
    case strangerRefused = "stranger-refused"
    case rateExceeded = "rate-exceeded"
    case budgetReached = "budget-reached"
    case secondMachine = "second-machine"
    case epochBegun = "epoch-begun"
    case postSilent = "post-silent"
    case postHeard = "post-heard"
    case contentErased = "content-erased"
    case purgeFailed = "purge-failed"
    case clockDoubted = "clock-doubted"
    case clockTrusted = "clock-trusted"
    case clockWord = "clock-word"
    case clockNotKept = "clock-not-kept"
    case logAhead = "log-ahead"

    var name: String { rawValue }

    /// Made once at random (`systemd-id128 new`), and never changed: monitors know them.
    var messageID: String {
        switch self {
        case .ready: "9fc214589f77427aa5d8802cfe2ee341"
        case .stopping: "3229c735a92d4ddf88ad8b8c4a330ce7"
        case .registryChanged: "e81a7833072e4166a3966c6ac284b1be"
        case .registryRefused: "8674a8739d6644599fb681a9f327e854"
        case .keysExpired: "ca4cefb2df4c4dc8b18bb60ba1efbff8"
        case .settingsChanged: "55b6bb0b7d3d4f6784644e187cfacd99"
        case .settingsRefused: "773fb72cc0234ccfa08f8cb11069f735"
        case .feedNotOpened: "5213473a1f404f8b8493ccf120e9b652"
        case .metricsNotServed: "69cf75defe4b4b348511006ed4d8dac5"
        case .logFull: "020e79453d99485a8a3b959b3bc17eff"
        case .logWritable: "842bbebf480e4758927d68aad3792fc7"
        case .logUnreadable: "558ad6758de746478f5b5947664f0da0"
        case .auditFailed: "2ac5dcc91ab54bf491c88d5dab3273c5"
        case .auditRecorded: "f7a89accd233404093c6132872fb1528"
        case .auditShortened: "5d1c08d8b6a14d5c9f5e3a4be1f0a7c6"
        case .alertRefused: "c60a35b1d3134da89cd5b18439dfcea8"
        case .messageDropped: "0e5a3d0edcf947b7a5202b63dab25572"
        case .strangerRefused: "3c31cbdc1e5e49699d349ffd5ec680d0"
        case .rateExceeded: "b7d0b0ee21f940dc9c9da41629c031ad"
        case .budgetReached: "775860519f244030ae5ef841f385c9dd"
        case .secondMachine: "7c0936842a6e43d39ca782196218abf4"
        case .epochBegun: "b59f24d0471d4418be7eb73186432f79"
        case .postSilent: "078c0efc820041448163fe691309b6c7"
        case .postHeard: "2237957e2d484b30b206a67c86c60f2c"
        case .contentErased: "284149877d744ac888a0704079f3e26d"
        case .purgeFailed: "66295fb9041b4652a8b26e341a03bf7d"
        case .clockDoubted: "1f1552c34dca46afbf13fd88f5bf33b5"
        case .clockTrusted: "e0b4a1123c8848b98b65e8c0c7071674"
        case .clockWord: "f7781e764256488c9a6b10fe6a44ac57"
        case .clockNotKept: "ecfa09a1202747a99fa80556857bf96f"
        case .logAhead: "dab934f0a56049e28ed1ff5963a927ee"
        }
    }
}
