internal import Notation

/// What stands in `NAME.key`.
struct SecretFile: Decodable {
    var name: String
    var curvePublic: String
    var curveSecret: String
    var signingPublic: String
    var signingSeed: String

    enum CodingKeys: String, CodingKey {
        case name
        case curvePublic = "curve_public"
        case curveSecret = "curve_secret"
        case signingPublic = "signing_public"
        case signingSeed = "signing_seed"
    }
}

/// What stands in `NAME.pub`.
struct PublicFile: Decodable {
    var name: String
    var curvePublic: String
    var signingPublic: String

    enum CodingKeys: String, CodingKey {
        case name
        case curvePublic = "curve_public"
        case signingPublic = "signing_public"
    }
}

package func secretText(of keys: IdentityKeys) -> String {
    """
    # Secret keys of the Borderwire identity \(keys.name).
    # Whoever has this file can speak as \(keys.name): never copy, send or print it, and keep its mode at 0600.
    # Hand over \(keys.name).pub instead. If this file was seen by others, have the identity revoked at the hub.
    name = "\(keys.name)"
    curve_public = "\(keys.curve.publicKey.hex)"
    curve_secret = "\(keys.curve.secretKey.hex)"
    signing_public = "\(keys.signing.verifyingKey.bytes.hex)"
    signing_seed = "\(keys.signing.seed.hex)"

    """
}

package func publicText(of keys: PublicKeys) -> String {
    """
    # Public keys of the Borderwire identity \(keys.name): no secret, safe to hand over.
    # Whoever enrolls it compares the fingerprint that enrolling shows with the owner's, by telephone or in person.
    name = "\(keys.name)"
    curve_public = "\(keys.curve.hex)"
    signing_public = "\(keys.signing.bytes.hex)"

    """
}
