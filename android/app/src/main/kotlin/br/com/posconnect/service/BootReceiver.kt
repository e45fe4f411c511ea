package br.com.posconnect.service

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent

/** The device started, or the app was replaced by a newer one: the agent runs again without anybody touching it. */
class BootReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        if (intent.action == Intent.ACTION_BOOT_COMPLETED || intent.action == Intent.ACTION_MY_PACKAGE_REPLACED) {
            AgentService.start(context)
        }
    }
}
