internal import Platform

extension CommandLineValues {
    /// The settings that `--config` names, or its default.
    public func settings<T: Decodable>(_ type: T.Type) throws -> T {
        let file = require("config")
        guard try Files.facts(of: file) != nil else {
            throw SettingsError(
                file: file, cause: "there is no such settings file",
                remedy: "name it with --config; config/ and the manual pages show every key")
        }
        return try decodeTOML(type, file: file)
    }
}
