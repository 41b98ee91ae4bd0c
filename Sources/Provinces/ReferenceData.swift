public import Alerts
internal import Platform
public import Settings

/// The provinces, from the two files that say what they are: ISO's list and our own overlay.
public enum ReferenceData {
    /// Of the Debian package iso-codes.
    public static let isoCodesFile = "/usr/share/iso-codes/json/iso_3166-2.json"
    /// Where an installed system keeps its overlay.
    public static let systemOverlayFile = "/etc/borderwire/provinces.toml"
    /// Where a working tree keeps it: in one of the directories above the running program.
    static let treeOverlayFile = "config/provinces.toml"
    /// Bytes in ISO's list, at most: 4 MiB. (It had half a megabyte in 2023.)
    static let largestList = 4 << 20

    /// Reads both files. Call once, at start.
    /// - overlay: the file to use; nil looks at ``systemOverlayFile``, then for `config/provinces.toml` in the
    ///   directories above the running program.
    public static func provinces(
        overlay: String? = nil, isoCodes: String = ReferenceData.isoCodesFile
    ) throws(SettingsError) -> ProvinceDirectory {
        let list: [UInt8]
        do {
            list = try Files.read(isoCodes, limit: largestList)
        } catch {
            throw SettingsError(
                file: isoCodes, cause: error.cause,
                remedy: error.isMissing ? "install the Debian package iso-codes" : error.remedy)
        }
        let file: String
        if let overlay {
            file = overlay
        } else {
            file = try overlayFile(above: Files.runningProgram)
        }
        let additions = try decodeTOML(ProvinceOverlay.self, file: file)
        do {
            return try ProvinceDirectory(isoCodes: list, overlay: additions)
        } catch {
            // Its text begins with the usual name of the file at fault; here is the file itself.
            let atFault =
                switch error {
                case .unreadableList, .emptyList: isoCodes
                case .unknownCode, .repeatedCode, .unusableName, .sharedName, .unusableTile, .sharedTile: file
                }
            let text = error.description
            let cause = text.firstRange(of: ": ").map { String(text[$0.upperBound...]) } ?? text
            throw SettingsError(file: atFault, cause: cause)
        }
    }

    /// The first overlay there is: the system's, else that of a tree which holds the program.
    static func overlayFile(
        system: String = systemOverlayFile, above program: String
    ) throws(SettingsError) -> String {
        do {
            if let file = try Files.installed(system, orInTree: treeOverlayFile, above: program) {
                return file
            }
        } catch {
            throw SettingsError(file: error.path, cause: error.cause, remedy: error.remedy)
        }
        throw SettingsError(
            file: system, cause: "there is no such file, and no \(treeOverlayFile) above \(program)",
            remedy: "copy \(treeOverlayFile) there, or name it in the settings")
    }
}
