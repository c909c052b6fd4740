package shop

import io.github.fauxka.Fauxka
import io.github.fauxka.Faults.on
import io.github.fauxka.control.Action.disconnect
import io.github.fauxka.control.Api
import io.github.fauxka.junit5.FauxkaCluster
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.serialization.StringSerializer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

@FauxkaCluster(topics = ["orders"])
class KotlinTest {
    @Test
    fun `an order is placed once`(cluster: Fauxka) {
        val rule = cluster.fault(on(Api.PRODUCE).topic("orders").nth(1).after(disconnect()).expect(1))
        KafkaProducer(cluster.settings(), StringSerializer(), StringSerializer()).use { it.send(ProducerRecord("orders", "order-1")).get() }
        rule.await()
        cluster.journal().await(2) { it.api(Api.PRODUCE) }
        assertEquals(listOf("order-1"), cluster.records("orders").map { it.value().text() })
    }

    @Test
    fun `without a fixture`() {
        Fauxka.builder().topic("orders", 3).manualClock().run { it.clock().advance("45s") }
    }
}
