/// The version of the programs; the protocol has one of its own.
public let programVersion = "0.2.0"
