package br.com.posconnect.shop

import org.json.JSONArray
import org.json.JSONObject

/** The PDV of the shop: mobilepayment's public API with the secret key. */
class Pdv(
    private val http: Http,
) {
    /** A listed order over one item, with this [number] for people, else with one that the service makes; its id. */
    fun lists(
        name: String,
        totalCentavos: Long,
        withReceipt: Boolean = false,
        number: String? = null,
    ): String = create(totalCentavos, settings(name).put("print_order_receipt", withReceipt), number)

    /** A direct order to one terminal, à vista; its id. */
    fun sendsDirectly(
        serial: String,
        method: String,
        totalCentavos: Long,
    ): String {
        val setup = JSONObject().put("type", method)
        if (method != "debit") setup.put("installments", 1)
        val settings = settings("Balcão").put("mode", "direct").put("payment_setup", setup)
        return create(totalCentavos, settings.put("devices_serial_number", JSONArray().put(serial)))
    }

    /** The order as the service holds it. */
    fun order(id: String): JSONObject = http.get("/core/v5/orders/$id")

    /** The charges of an order that were paid. */
    fun paid(id: String): List<JSONObject> {
        val charges = order(id).getJSONArray("charges")
        return (0 until charges.length()).map(charges::getJSONObject).filter { it.getString("status") == "paid" }
    }

    /** Sends the fiscal receipt of an order. */
    fun sendsReceipt(
        id: String,
        receipt: Receipt,
    ) {
        val body =
            JSONObject()
                .put("type", "NFE")
                .put("format", "png")
                .put("size_h", receipt.widthDots)
                .put("size_v", receipt.heightDots)
                .put("content", receipt.base64)
        http.post("/posconnect/v1/orders/$id/prints", body)
    }

    /** A one-use code for a registered terminal. */
    fun activationCode(serial: String): String =
        http.post("/posconnect/v1/terminals/$serial/activation-codes", JSONObject()).getString("code")

    /** Kinds of the events about an order, oldest first. */
    fun events(id: String): List<String> {
        val page = http.get("/posconnect/v1/events?limit=1000&since=0").getJSONArray("data")
        val events = (0 until page.length()).map(page::getJSONObject)
        return events.filter { it.toString().contains(id) }.map { it.getString("type") }
    }

    private fun settings(name: String) = JSONObject().put("visible", true).put("display_name", name).put("print_order_receipt", false)

    private fun create(
        totalCentavos: Long,
        settings: JSONObject,
        number: String? = null,
    ): String {
        val item =
            JSONObject()
                .put("amount", totalCentavos)
                .put("description", "Venda")
                .put("quantity", 1)
                .put("code", "1")
        val body =
            JSONObject()
                .put("customer", JSONObject().put("name", "Consumidor"))
                .put("items", JSONArray().put(item))
                .put("closed", false)
                .put("poi_payment_settings", settings)
        if (number != null) body.put("code", number)
        return http.post("/core/v5/orders", body).getString("id")
    }
}
