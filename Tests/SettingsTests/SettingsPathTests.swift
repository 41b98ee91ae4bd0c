import Platform
import Testing

@testable import Settings

@Suite("Paths in settings")
struct SettingsPathTests {
    private func resolve(_ text: String, credentials: String? = nil) -> String? {
        SettingsPath.resolve(text, from: "/etc/borderwire", credentials: credentials)
    }

    @Test("a relative path starts at the settings' directory, whoever started the program")
    func relative() {
        #expect(resolve("hub.pub") == "/etc/borderwire/hub.pub")
        #expect(resolve("hub.pub", credentials: "/run/credentials/x") == "/etc/borderwire/hub.pub")
        #expect(resolve("/srv/hub.pub", credentials: "/run/credentials/x") == "/srv/hub.pub")
    }

    @Test("a credential is the service manager's, and without one the file beside the settings")
    func credential() {
        #expect(
            resolve("credential:hub.key", credentials: "/run/credentials/x") == "/run/credentials/x/hub.key")
        #expect(resolve("credential:hub.key") == "/etc/borderwire/hub.key")
        #expect(resolve("credential:hub.key", credentials: "") == "/etc/borderwire/hub.key")
    }

    @Test(
        "a credential's name can't lead out of its directory",
        arguments: [
            "credential:", "credential:.", "credential:..", "credential:../hub.key", "credential:/etc/shadow",
            "",
        ])
    func refusesNames(text: String) {
        #expect(resolve(text, credentials: "/run/credentials/x") == nil)
        #expect(resolve(text) == nil)
    }
}
