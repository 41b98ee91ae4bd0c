import Testing
import Wire

@testable import AlertHub

/// Asks the hub again and again what alerts may be related to, as `borderwire related` does.
final class AskerNode {
    private let world: World
    private let control: ControlConnection
    private let pick: () -> UInt64?
    private var number: UInt64 = 0

    /// - pick: the number of an alert to ask about; nil: none yet.
    init(
        _ world: World, _ hub: HubNode, _ actor: Actor, pick: @escaping () -> UInt64?,
        told: @escaping (Reply.Related) -> Void
    ) {
        self.world = world
        self.pick = pick
        control = ControlConnection(world, hub, user: actor.user)
        control.onReply = { reply in if case .related(let related) = reply { told(related) } }
        askSoon()
    }

    private func askSoon() {
        world.after(world.number(0...400)) { [weak self] in
            guard let self, world.isNoisy else { return }
            if let alert = pick() {
                number += 1
                control.ask(.related(Request.Related(request: number, alert: sampleID(alert))))
            }
            askSoon()
        }
    }
}
