package br.com.posconnect.shop

import org.junit.rules.ExternalResource
import java.io.File
import java.nio.file.Files

/** Serial number of the terminal under test, as on its label. */
const val L3 = "PB0423L300117"

/** A store of its own for every test: mobilepayment as a process, on a free port and in a temporary directory, and its PDV. */
class Shop : ExternalResource() {
    lateinit var pdv: Pdv
        private set

    /** Base address of the service. */
    lateinit var address: String
        private set

    private val directory: File = Files.createTempDirectory("pos-connect-shop-").toFile()
    private var service: Running? = null

    /** SIGKILL for the service; it stays away until [restartsService]. */
    fun losesService() {
        checkNotNull(service) { "the service runs" }.kill()
        service = null
    }

    /** The service again, on the same port and the same data. */
    fun restartsService() {
        service = start(address.removePrefix("http://"))
    }

    /** What the service has printed. */
    val serviceOutput: String get() = service?.output.orEmpty()

    public override fun before() {
        File(directory, CONFIG).writeText(configuration())
        val running = start("127.0.0.1:0")
        service = running
        address = "http://" + running.waitForLine("where it listens") { LISTENING.find(it)?.groupValues?.get(1) }
        pdv = Pdv(Http(address, SECRET_KEY))
    }

    public override fun after() {
        service?.close()
        directory.deleteRecursively()
    }

    private fun start(listen: String): Running {
        val program = File(built("rust"), "mobilepayment").path
        val data = File(directory, "data").path
        val running =
            Running("mobilepayment", listOf(program, "--listen", listen, "--config", File(directory, CONFIG).path, "--data", data))
        running.waitForLine("that it is ready") { LISTENING.find(it) }
        return running
    }

    private fun configuration() =
        """
        [[company]]
        account_id = "acc_teste"
        store_name = "Loja Teste"
        secret_key = "$SECRET_KEY"

        [[company.method]]
        method = "credit"
        merchant_installments_max = 6

        [[company.method]]
        method = "debit"

        [[company.method]]
        method = "pix"

        [[company.terminal]]
        serial = "$L3"
        model = "L3"
        acquirer_cnpj = "16501555000157"
        description = "Terminal do balcão"
        """.trimIndent()

    private companion object {
        const val CONFIG = "mobilepayment.toml"
        const val SECRET_KEY = "sk_0123456789abcdef0123456789abcdef"
        val LISTENING = Regex("""listening on (?:http://)?(127\.0\.0\.1:\d+)""")
    }
}
